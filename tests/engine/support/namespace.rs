//! A network of a test's own: a namespace behind one wire, with rules for what may pass.

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};

use anyhow::{Context, Result, bail, ensure};
use tests_harness::{Peer, PeerKind};

/// Namespaces carry the id of the process that made them, so that leftovers are recognised.
const PREFIX: &str = "engine-test-";

/// Subnets `10.213.x.0/24`, taken one after the other.
static NEXT_SUBNET: AtomicU8 = AtomicU8::new(0);

/// A namespace connected to the host by a pair of virtual interfaces. Gone when dropped.
pub(crate) struct Namespace {
    name: String,
    subnet: u8,
    outside: String,
}

impl Namespace {
    /// Makes a namespace with one address.
    pub(crate) fn open() -> Result<Self> {
        remove_leftovers();
        for _ in 0..u8::MAX {
            let turn = NEXT_SUBNET.fetch_add(1, Ordering::Relaxed);
            // Processes that run at once start at different subnets.
            let subnet = turn.wrapping_add(std::process::id().wrapping_mul(37) as u8);
            let namespace = Self {
                name: format!("{PREFIX}{}-{subnet}", std::process::id()),
                subnet,
                outside: format!("engtest{subnet}"),
            };
            match namespace.set_up() {
                Ok(()) => return Ok(namespace),
                Err(error) if error.to_string().contains("File exists") => {}
                Err(error) => return Err(error),
            }
        }
        bail!("every subnet is taken")
    }

    fn set_up(&self) -> Result<()> {
        let Self { name, outside, .. } = self;
        ip(&format!("link add {outside} type veth peer name inside"))?;
        ip(&format!("netns add {name}"))?;
        ip(&format!("link set inside netns {name}"))?;
        ip(&format!("addr add {}/24 dev {outside}", self.host()))?;
        ip(&format!("link set {outside} up"))?;
        ip(&format!(
            "-n {name} addr add {}/24 dev inside",
            self.address(2)
        ))?;
        ip(&format!("-n {name} link set lo up"))?;
        ip(&format!("-n {name} link set inside up"))?;
        ip(&format!("-n {name} route add default via {}", self.host()))?;
        Ok(())
    }

    /// Returns the host's address on the wire, where servers listen.
    pub(crate) fn host(&self) -> Ipv4Addr {
        self.address(1)
    }

    fn address(&self, last: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 213, self.subnet, last)
    }

    /// Gives the inside another address instead of the one it has (2 at first).
    pub(crate) fn change_address(&self, from: u8, to: u8) -> Result<()> {
        let (name, from, to) = (&self.name, self.address(from), self.address(to));
        ip(&format!("-n {name} addr del {from}/24 dev inside"))?;
        ip(&format!("-n {name} addr add {to}/24 dev inside"))?;
        // The route went with the address.
        ip(&format!(
            "-n {name} route replace default via {}",
            self.host()
        ))?;
        Ok(())
    }

    /// Replaces the rules for what leaves the inside; `rules` are lines of an nft chain. What comes
    /// back is let in.
    pub(crate) fn let_out(&self, rules: &str) -> Result<()> {
        let table = format!(
            "table inet test {{}}\ndelete table inet test\ntable inet test {{\n\
             chain out {{\ntype filter hook output priority 0; policy drop;\noif lo accept\n\
             ct state established,related accept\n{rules}\n}}\n\
             chain in {{\ntype filter hook input priority 0; policy drop;\niif lo accept\n\
             ct state established,related accept\n}}\n}}\n"
        );
        self.nft(&table)
    }

    /// Cuts the wire, both ways.
    pub(crate) fn cut(&self) -> Result<()> {
        self.nft(
            "table inet cut {\n\
             chain out {\ntype filter hook output priority -10; oif lo accept; drop;\n}\n\
             chain in {\ntype filter hook input priority -10; iif lo accept; drop;\n}\n}\n",
        )
    }

    /// Drops all UDP, both ways, also of flows that exist.
    pub(crate) fn cut_udp(&self) -> Result<()> {
        self.nft(
            "table inet cut {\n\
             chain out {\ntype filter hook output priority -10; meta l4proto udp drop;\n}\n\
             chain in {\ntype filter hook input priority -10; meta l4proto udp drop;\n}\n}\n",
        )
    }

    /// Undoes [`cut`](Self::cut) and [`cut_udp`](Self::cut_udp).
    pub(crate) fn mend(&self) -> Result<()> {
        self.nft("delete table inet cut\n")
    }

    /// Sends connections to one TCP port of the host on to another.
    pub(crate) fn redirect(&self, from: u16, to: u16) -> Result<()> {
        let host = self.host();
        self.nft(&format!(
            "table ip doors {{\nchain out {{\ntype nat hook output priority -100;\n\
             ip daddr {host} tcp dport {from} dnat to {host}:{to}\n}}\n}}\n"
        ))
    }

    /// Returns what a thread enters it by.
    pub(crate) fn file(&self) -> Result<File> {
        Ok(File::open(Path::new("/run/netns").join(&self.name))?)
    }

    /// Makes `name` known inside as a name of the host.
    pub(crate) fn name_host(&self, name: &str) -> Result<()> {
        let folder = self.etc();
        fs::create_dir_all(&folder)?;
        let hosts = format!("127.0.0.1 localhost\n{} {name}\n", self.host());
        Ok(fs::write(folder.join("hosts"), hosts)?)
    }

    /// Starts a peer inside, on our own engine, that trusts `authority` (a PEM file) for TLS.
    pub(crate) async fn peer(&self, authority: Option<&Path>) -> Result<Peer> {
        let program = PeerKind::Rust.command().await?;
        let mut command = tokio::process::Command::new("ip");
        command
            .args(["netns", "exec", &self.name])
            .arg(program.as_std().get_program());
        if let Some(authority) = authority {
            command.env("SSL_CERT_FILE", authority);
        }
        Peer::start_command(command).await
    }

    fn nft(&self, script: &str) -> Result<()> {
        let file = tempfile::NamedTempFile::new()?;
        fs::write(file.path(), script)?;
        let path = file.path().display();
        ip(&format!("netns exec {} nft -f {path}", self.name)).map(drop)
    }

    /// What `ip netns exec` lays over `/etc`.
    fn etc(&self) -> PathBuf {
        Path::new("/etc/netns").join(&self.name)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // Whatever was made; the rest is not there.
        drop(ip(&format!("link del {}", self.outside)));
        drop(ip(&format!("netns del {}", self.name)));
        drop(fs::remove_dir_all(self.etc()));
    }
}

/// Removes what processes that were killed have left.
fn remove_leftovers() {
    let Ok(listed) = ip("netns list") else { return };
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    for name in names.lines().filter_map(|line| line.split(' ').next()) {
        let Some((pid, subnet)) = name
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split_once('-'))
        else {
            continue;
        };
        if !Path::new("/proc").join(pid).exists() {
            drop(ip(&format!("link del engtest{subnet}")));
            drop(ip(&format!("netns del {name}")));
            drop(fs::remove_dir_all(Path::new("/etc/netns").join(name)));
        }
    }
}

fn ip(arguments: &str) -> Result<Output> {
    let output = Command::new("ip")
        .args(arguments.split_whitespace())
        .stdin(Stdio::null())
        .output()
        .context("starting `ip`, which these tests need")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ip {arguments}: {}", error.trim());
    Ok(output)
}
