//! Work shared out to several workers; the answers come in order, whoever gave them.

/// Does something for each of many and gives the answers in order. A worker that panics makes the whole panic: half an
/// answer is none.
pub(crate) fn shared_out<T: Sync, R: Send>(many: &[T], threads: usize, act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let each = many.len().div_ceil(threads.max(1)).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = many.chunks(each).map(|part| scope.spawn(|| part.iter().map(&act).collect::<Vec<R>>())).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}
