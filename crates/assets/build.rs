//! Builds the islands in `web/` with npm and Vite, and embeds what comes out. Nothing is written into the
//! source tree; one run is shared by all builds with the same sources and the same lock.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Environment variable that names a folder built elsewhere; then neither node nor npm is needed.
const READY: &str = "SANJIANG_ASSETS_DIST";

fn main() {
    if let Err(error) = build() {
        println!("cargo::error={}", error.to_string().replace('\n', " "));
        std::process::exit(1);
    }
}

fn build() -> Outcome<()> {
    println!("cargo::rerun-if-env-changed={READY}");
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let built = match std::env::var_os(READY) {
        Some(ready) => {
            println!("cargo::rerun-if-changed={}", Path::new(&ready).display());
            PathBuf::from(ready)
        }
        None => bundle(&Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../web").canonicalize()?, &out)?,
    };
    embed(&built, &out)
}

/// The folder with the bundled islands: from the cache, or built now.
fn bundle(web: &Path, out: &Path) -> Outcome<PathBuf> {
    let sources = sources(web)?;
    for file in &sources {
        println!("cargo::rerun-if-changed={}", web.join(file).display());
    }
    println!("cargo::rerun-if-changed={}", web.join("src").display());
    let mut key = Fnv::default();
    for file in &sources {
        key.add(file.to_string_lossy().as_bytes());
        key.add(&fs::read(web.join(file))?);
    }
    let cache = target(out).join("assets");
    let kept = cache.join(key.hex());
    if kept.join("entries.txt").is_file() {
        return Ok(kept);
    }
    require("node", "20.19", (20, 19))?;
    require("npm", "11", (11, 0))?;
    let work = cache.join(format!("{}.{}", key.hex(), std::process::id()));
    let _ = fs::remove_dir_all(&work);
    for file in &sources {
        let copy = work.join(file);
        fs::create_dir_all(copy.parent().ok_or("a source without a folder")?)?;
        fs::copy(web.join(file), copy)?;
    }
    run(&work, "npm", &["ci", "--prefer-offline", "--no-progress"])?;
    run(&work, "npm", &["run", "--silent", "build"])?;
    // Another build may have been quicker; both results are the same.
    if let Err(error) = fs::rename(work.join("dist"), &kept)
        && !kept.join("entries.txt").is_file()
    {
        return Err(error.into());
    }
    let _ = fs::remove_dir_all(&work);
    Ok(kept)
}

/// Every file that shapes the result, relative to `web/`, in a fixed order.
fn sources(web: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(web.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            let name = entry.file_name();
            if entry.file_type()?.is_file() {
                found.push(path);
            } else if name != "node_modules" && name != "dist" {
                folders.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Cargo's target folder, which carries a tag; where it cannot be told, the script's own folder.
fn target(out: &Path) -> PathBuf {
    out.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file()).unwrap_or(out).to_path_buf()
}

/// Says plainly what to install when a tool is missing or too old.
fn require(tool: &str, least: &str, (major, minor): (u32, u32)) -> Outcome<()> {
    let wanted = format!("请安装 {tool} {least} 或更高版本 / please install {tool} {least} or newer");
    let output = Command::new(tool).arg("--version").output().map_err(|_| format!("缺少 {tool} / {tool} is missing: {wanted}"))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().trim_start_matches('v').to_owned();
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found >= (major, minor) { Ok(()) } else { Err(format!("{tool} {version}: {wanted}").into()) }
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Outcome<()> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("SANJIANG_OUT", "dist")
        .env_remove("NODE_ENV")
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("`{program} {}` 失败 / failed: {}", arguments.join(" "), said.trim()).into())
}

/// Copies the files beside the generated table that names them.
fn embed(built: &Path, out: &Path) -> Outcome<()> {
    let copies = out.join("dist");
    let _ = fs::remove_dir_all(&copies);
    fs::create_dir_all(&copies)?;
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(built)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let name = entry.file_name().into_string().map_err(|_| "a file name that is not UTF-8")?;
            fs::copy(entry.path(), copies.join(&name))?;
            names.push(name);
        }
    }
    names.sort();
    let mut table = String::from("static FILES: &[File] = &[\n");
    for name in names.iter().filter(|name| !name.ends_with(".gz") && *name != "entries.txt") {
        let mut hash = Fnv::default();
        hash.add(&fs::read(copies.join(name))?);
        let packed = format!("{name}.gz");
        let gzip = if names.contains(&packed) { format!("Some({})", include(&packed)) } else { "None".to_owned() };
        table += &format!("    File {{ name: {name:?}, bytes: {}, gzip: {gzip}, hash: {:?} }},\n", include(name), hash.hex());
    }
    table += "];\n\nstatic PARTS: &[(&str, &str, &str)] = &[\n";
    let entries = fs::read_to_string(built.join("entries.txt")).map_err(|error| format!("{}: {error}", built.join("entries.txt").display()))?;
    for line in entries.lines() {
        let [entry, kind, file] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err(format!("entries.txt: {line}").into());
        };
        table += &format!("    ({entry:?}, {kind:?}, {:?}),\n", format!("/assets/{file}"));
    }
    table += "];\n";
    fs::write(out.join("files.rs"), table)?;
    Ok(())
}

fn include(name: &str) -> String {
    format!("include_bytes!(concat!(env!(\"OUT_DIR\"), {:?}))", format!("/dist/{name}"))
}

/// FNV-1a, 64 bits: names contents, protects nothing.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn hex(&self) -> String {
        format!("{:016x}", self.0)
    }
}
