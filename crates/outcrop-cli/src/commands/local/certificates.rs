//! The authority behind `outcrop local --tls`: made once, kept in a folder of ours, and made anew before it ends.
//!
//! The key decides: whoever writes it first wins, and every certificate of it is as good as another. So servers that
//! start at the same time agree, and no file is ever half there.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use outcrop::Surroundings;
use outcrop_local::{Certificates, CertificatesError};
use tempfile::NamedTempFile;

use crate::exit::Failure;
use crate::{args, data};

/// Certificates, and the file that clients are to trust.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) certificates: Certificates,
    pub(super) authority: PathBuf,
}

/// Those that `--tls` asks for, if it does.
pub(super) fn certificates(arguments: &args::Local) -> Result<Option<Kept>, Failure> {
    if !arguments.tls {
        return Ok(None);
    }
    let surroundings = Surroundings::system();
    let folder = match &arguments.tls_dir {
        Some(folder) => std::path::absolute(folder).unwrap_or_else(|_| folder.clone()),
        None => data::folder(&surroundings).map(|data| data.join("tls")).ok_or_else(|| {
            Failure::usage("cannot keep certificates: neither XDG_DATA_HOME nor HOME is set")
                .hint("set HOME, or name a folder with --tls-dir")
        })?,
    };
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(surroundings.unix().try_into().unwrap_or_default());
    let mut kept = kept(&folder, now)?;
    let ip = arguments.listen.ip();
    if !ip.is_unspecified() {
        kept.certificates = kept.certificates.and_for(ip).map_err(|error| {
            Failure::usage(format!("cannot serve TLS on {ip}: {error}"))
                .hint("listen on loopback, on a private address, or on every interface")
        })?;
    }
    Ok(Some(kept))
}

fn kept(folder: &Path, now: SystemTime) -> Result<Kept, Failure> {
    let cannot = |what: &str, path: &Path, error: &dyn std::fmt::Display| {
        Failure::usage(format!("cannot {what} {}: {error}", path.display()))
    };
    data::private_folder(folder).map_err(|error| cannot("make the folder", folder, &error))?;
    let (key, authority) = (folder.join("authority.key"), folder.join("authority.pem"));
    let made = |error: CertificatesError| {
        let failure = cannot("use", &key, &error);
        match error {
            CertificatesError::Key(_) => failure.hint("remove the file: a new one is made"),
            _ => failure,
        }
    };
    let read = |path: &Path| match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot("read", path, &error)),
    };
    let known = match read(&key)? {
        Some(known) => known,
        None => {
            let fresh = Certificates::new(now).map_err(made)?.key();
            // Made with mode 0600.
            match file(folder, &fresh).and_then(|file| Ok(file.persist_noclobber(&key)?)) {
                Ok(_) => fresh,
                // Somebody else was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read(&key)?.unwrap_or(fresh),
                Err(error) => return Err(cannot("write", &key, &error)),
            }
        }
    };
    let before = read(&authority)?;
    let certificates = Certificates::kept(&known, before.as_deref(), now).map_err(made)?;
    if before.as_deref() != Some(certificates.authority()) {
        file(folder, certificates.authority())
            .and_then(|file| {
                // No secret: containers may be shown it.
                #[cfg(unix)]
                file.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
                Ok(file.persist(&authority)?)
            })
            .map_err(|error| cannot("write", &authority, &error))?;
    }
    Ok(Kept { certificates, authority })
}

/// A file that has no name yet.
fn file(folder: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 24 * 60 * 60;

    fn at(days: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs((20_000 + days) * DAY)
    }

    #[test]
    fn an_authority_is_made_once_and_renewed_before_it_ends() {
        let folder = tempfile::tempdir().expect("it works");
        let folder = folder.path().join("tls");
        let first = kept(&folder, at(0)).expect("it works");
        let text = |kept: &Kept| std::fs::read_to_string(&kept.authority).expect("it works");
        let one = text(&first);
        assert_eq!(one, first.certificates.authority());
        for days in [1, 8 * 365] {
            assert_eq!(text(&kept(&folder, at(days)).expect("it works")), one, "after {days} days");
        }
        let renewed = kept(&folder, at(9 * 365)).expect("it works");
        assert_ne!(text(&renewed), one);
        assert_eq!(renewed.certificates.key(), first.certificates.key(), "who trusts the old one need not care");
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_nobody_elses() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("it works");
        let folder = folder.path().join("tls");
        let kept = kept(&folder, at(0)).expect("it works");
        let mode = |path: &Path| std::fs::metadata(path).expect("it works").permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join("authority.key"))), (0o700, 0o600));
        assert_eq!(mode(&kept.authority), 0o644);
    }

    #[test]
    fn what_does_not_belong_together_is_put_right_and_what_is_no_key_is_told() {
        let folder = tempfile::tempdir().expect("it works");
        let folder = folder.path();
        let ours = kept(folder, at(0)).expect("it works");
        let stranger = Certificates::new(at(0)).expect("it works");
        for text in [stranger.authority(), "", "no certificate"] {
            std::fs::write(&ours.authority, text).expect("it works");
            let again = kept(folder, at(0)).expect("it works");
            assert_eq!(again.certificates.key(), ours.certificates.key());
            let text = std::fs::read_to_string(&again.authority).expect("it works");
            assert_ne!(text, stranger.authority());
            assert!(text.contains("BEGIN CERTIFICATE"));
        }
        std::fs::write(folder.join("authority.key"), "no key").expect("it works");
        let failure = kept(folder, at(0)).expect_err("it works");
        assert!(failure.text.contains("authority.key: the key of the authority is none"), "{}", failure.text);
        assert_eq!(std::fs::read_to_string(folder.join("authority.key")).expect("it works"), "no key");
    }

    #[test]
    fn those_who_start_at_once_agree() {
        let folder = tempfile::tempdir().expect("it works");
        let folder = folder.path().join("tls");
        let keys: Vec<String> = std::thread::scope(|scope| {
            let run = || kept(&folder, at(0)).expect("it works").certificates.key();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(run)).collect();
            threads.into_iter().map(|thread| thread.join().expect("it works")).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }
}
