//! What a worker gives up before it reads a statement, so that even one that breaks out of the engine finds nothing: files beyond the
//! lake, every socket, other programs and processes. The kernel sees to it; one that cannot leaves the limits that stand anyway.

use std::path::{Path, PathBuf};

/// What a worker keeps.
pub struct Kept<'a> {
    /// Folders to read.
    pub reads: &'a [&'a Path],
    /// Folders to write.
    pub writes: &'a [&'a Path],
}

/// What the kernel has taken away.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Confined {
    pub files: bool,
    pub calls: bool,
}

/// Gives everything else up, for this thread and all that it starts: called while there is only one.
pub fn confine(kept: &Kept<'_>) -> Confined {
    Confined { files: files(kept).unwrap_or(false), calls: calls().is_ok() }
}

/// Where the rules of time zones lie.
const CLOCKS: [&str; 2] = ["/usr/share/zoneinfo", "/etc/localtime"];

#[cfg(target_os = "linux")]
fn files(kept: &Kept<'_>) -> Result<bool, landlock::RulesetError> {
    use landlock::{ABI, Access, AccessFs, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus, path_beneath_rules};
    let all = AccessFs::from_all(ABI::V5);
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let reads: Vec<PathBuf> = kept.reads.iter().map(|path| path.to_path_buf()).chain(CLOCKS.map(PathBuf::from)).collect();
    let status = Ruleset::default()
        .handle_access(all)?
        .create()?
        .add_rules(path_beneath_rules(reads, read))?
        .add_rules(path_beneath_rules(kept.writes, all & !AccessFs::Execute))?
        .restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

/// Refuses, as not permitted, the calls that reach other machines, programs, processes and the kernel's own workings.
#[cfg(target_os = "linux")]
fn calls() -> anyhow::Result<()> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
    let refused = [
        libc::SYS_socket, libc::SYS_socketpair, libc::SYS_connect, libc::SYS_bind, libc::SYS_listen, libc::SYS_accept, libc::SYS_accept4,
        libc::SYS_execve, libc::SYS_execveat, libc::SYS_ptrace, libc::SYS_process_vm_readv, libc::SYS_process_vm_writev, libc::SYS_kill,
        libc::SYS_pidfd_open, libc::SYS_pidfd_getfd, libc::SYS_pidfd_send_signal, libc::SYS_io_uring_setup, libc::SYS_bpf,
        libc::SYS_perf_event_open, libc::SYS_userfaultfd, libc::SYS_keyctl, libc::SYS_add_key, libc::SYS_request_key, libc::SYS_unshare,
        libc::SYS_setns, libc::SYS_mount, libc::SYS_umount2, libc::SYS_pivot_root, libc::SYS_chroot, libc::SYS_init_module,
        libc::SYS_finit_module, libc::SYS_delete_module, libc::SYS_kexec_load, libc::SYS_memfd_create, libc::SYS_open_by_handle_at,
    ];
    let rules = refused.into_iter().map(|call| (call, Vec::new())).collect();
    let not_permitted = SeccompAction::Errno(u32::try_from(libc::EPERM)?);
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, not_permitted, std::env::consts::ARCH.try_into()?)?;
    let program: BpfProgram = filter.try_into()?;
    Ok(seccompiler::apply_filter(&program)?)
}

#[cfg(not(target_os = "linux"))]
fn files(_kept: &Kept<'_>) -> anyhow::Result<bool> {
    Ok(false)
}

#[cfg(not(target_os = "linux"))]
fn calls() -> anyhow::Result<()> {
    anyhow::bail!("only Linux can")
}

/// Tries what a confined process should not be able to do; tells of each whether it could.
pub fn attempts(data: &Path) -> Vec<(&'static str, bool)> {
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::unix::net::UnixStream;
    let beside = data.join("not-by-a-worker");
    let within = data.join("lake/not-by-a-worker");
    vec![
        ("read a file of the system", std::fs::read("/etc/passwd").is_ok()),
        ("list the data folder", std::fs::read_dir(data).is_ok()),
        ("read the key of masks", std::fs::read(data.join("mask.key")).is_ok()),
        ("write into the data folder", std::fs::write(beside, "x").is_ok()),
        ("write into the lake", std::fs::write(within, "x").is_ok()),
        ("listen", TcpListener::bind(("127.0.0.1", 0)).is_ok()),
        ("connect", !matches!(TcpStream::connect(("127.0.0.1", 9)), Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied)),
        ("send a datagram", UdpSocket::bind(("127.0.0.1", 0)).is_ok()),
        ("make a pair of sockets", UnixStream::pair().is_ok()),
        ("run a program", std::process::Command::new("/bin/true").status().is_ok()),
    ]
}
