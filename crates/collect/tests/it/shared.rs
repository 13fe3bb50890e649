use std::path::{Path,PathBuf};
use crate::load::load;
use collect::read::ReadOptions;
fn walk(dir:&Path,out:&mut Vec<PathBuf>){ let mut v:Vec<_>=std::fs::read_dir(dir).unwrap().map(|e|e.unwrap().path()).collect(); v.sort(); for p in v { if p.is_dir(){walk(&p,out)} else {out.push(p)} } }
#[test]
fn shared_explore(){
    let root=PathBuf::from("/work/shared/data/city");
    let mut files=vec![];
    walk(&root,&mut files);
    for f in files {
        let t=std::time::Instant::now();
        let r=load(&f,&ReadOptions::default());
        let ms=t.elapsed().as_millis();
        let n=f.strip_prefix(&root).unwrap().display().to_string();
        match r {
            Ok(l)=>{ let mut counts=std::collections::BTreeMap::new(); for (_,c) in &l.faults {*counts.entry(c.clone()).or_insert(0)+=1;}
              println!("{n}: {ms}ms rows {} faults {:?} fields {} {:?}", l.rows.len(), counts, l.fields.len(), l.fields.iter().take(8).collect::<Vec<_>>());
              println!("      {}", l.decisions.iter().map(|d|format!("{}={}",d.what,d.chosen.escape_default())).collect::<Vec<_>>().join(" "));
              if let Some(i)=(0..l.rows.len()).find(|i|!l.faults.iter().any(|f|f.0==*i)) { println!("      L{} {:?}", l.lines[i], l.rows[i].iter().take(6).map(|c|c.as_ref().map(|s|s.chars().take(40).collect::<String>())).collect::<Vec<_>>()); }
              for (i,c) in l.faults.iter().take(3) { println!("      ! L{} {c} {}", l.lines[*i], String::from_utf8_lossy(&l.bytes[*i]).chars().take(100).collect::<String>().escape_debug()); }
            }
            Err(e)=>println!("{n}: {ms}ms ERR {} {}", e.code, e.message.zh),
        }
    }
}
