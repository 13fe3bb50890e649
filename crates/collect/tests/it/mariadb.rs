//! A MariaDB server of the test's own, in a folder that goes away with it.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::server::PASSWORD;

pub struct MariaDb {
    child: Child,
    folder: tempfile::TempDir,
    pub port: u16,
}

impl MariaDb {
    /// Starts a server, or says loudly that there is none on this machine.
    pub fn start() -> Option<MariaDb> {
        if !Command::new("mariadbd").arg("--version").output().is_ok_and(|output| output.status.success()) {
            eprintln!("SKIP: MariaDB is not installed (mariadbd): the MySQL connector is NOT tested here");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let install = Command::new("mariadb-install-db")
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg(user())
            .arg(format!("--datadir={}", data.display()))
            .output()
            .unwrap();
        assert!(install.status.success(), "{}", String::from_utf8_lossy(&install.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new("mariadbd")
            .args(["--no-defaults", "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0"])
            .arg(user())
            .arg(format!("--port={port}"))
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--socket={}", socket(folder.path())))
            .arg(format!("--pid-file={}", folder.path().join("pid").display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = MariaDb { child, folder, port };
        let deadline = Instant::now() + Duration::from_secs(60);
        while !server.client("SELECT 1").output().unwrap().status.success() {
            assert!(Instant::now() < deadline, "the server does not answer");
            std::thread::sleep(Duration::from_millis(100));
        }
        server.execute(&format!(
            "CREATE DATABASE city CHARACTER SET utf8mb4;
             CREATE USER reader@'127.0.0.1' IDENTIFIED BY '{}';
             GRANT SELECT ON city.* TO reader@'127.0.0.1';",
            PASSWORD.replace('\'', "''")
        ));
        Some(server)
    }

    /// Runs statements as root, over the private socket.
    pub fn execute(&self, sql: &str) {
        let output = self.client(sql).output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn client(&self, sql: &str) -> Command {
        let mut command = Command::new("mariadb");
        command
            .args(["--no-defaults", "--user=root", "--default-character-set=utf8mb4", "--execute", sql])
            .arg(format!("--socket={}", socket(self.folder.path())));
        command
    }
}

impl Drop for MariaDb {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn socket(folder: &Path) -> String {
    folder.join("socket").display().to_string()
}

/// The server refuses to run as root unless it is told to.
fn user() -> String {
    let id = Command::new("id").arg("-un").output().unwrap();
    format!("--user={}", String::from_utf8_lossy(&id.stdout).trim())
}
