//! Whom TLS trusts, where the settings name a bundle of certificates.

use std::io::ErrorKind;
use std::path::Path;

use rustls::RootCertStore;

use super::ClientBuilder;
use crate::auth::Profile;
use crate::auth::profile::Profiles;
use crate::error::{Error, Result};
use crate::settings::{Origin, Said};
use crate::transport::read_bundle;

/// The variable of the AWS command line and SDKs.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// The variable of OpenSSL, which counts for the system's roots.
const CERT_FILE: &str = "SSL_CERT_FILE";

impl ClientBuilder {
    /// Explicit > `AWS_CA_BUNDLE` > `ca_bundle` of the AWS profile: the certificates of that file, which take the place
    /// of the system's as they do in botocore, and for people where they come from.
    pub(super) fn find_roots(&self, profiles: &Profiles, profile: &Profile) -> Result<Option<(RootCertStore, String)>> {
        let found = self.said_roots(profiles, profile).into_iter().next();
        let Some(Said { value: path, origin, .. }) = found else {
            return self.check_system_roots().map(|()| None);
        };
        let source = match origin {
            Origin::File { .. } => "`ca_bundle` of the AWS profile",
            other => other.word(),
        };
        let text = self.surroundings.read(Path::new(&path)).map_err(|error| error.to_string());
        let roots = text.and_then(|text| read_bundle(&text)).map_err(|why| {
            Error::config(format!("read the CA bundle {path}, named by {source}"), why).with_hint(
                "it has to be a file of PEM certificates (-----BEGIN CERTIFICATE-----); without it the system's count",
            )
        })?;
        let reason = format!("certificates trusted in place of the system's: {path} ({}), from {source}", roots.len());
        Ok(Some((roots, reason)))
    }

    /// Which bundle is named, and by whom: the first counts.
    pub(super) fn said_roots(&self, profiles: &Profiles, profile: &Profile) -> Vec<Said> {
        let explicit = self.ca_bundle.as_ref().map(|path| Said::new(path.display().to_string(), Origin::Caller));
        let variable = self.surroundings.variable(CA_BUNDLE).map(|path| Said::new(path, Origin::Variable(CA_BUNDLE)));
        let said = explicit.into_iter().chain(variable).chain(profiles.said(&profile.name, "ca_bundle"));
        said.filter(|said| !said.value.is_empty()).collect()
    }

    /// A file that cannot be read leaves nobody to trust, and the connection fails for a reason that is hard to see.
    fn check_system_roots(&self) -> Result<()> {
        let Some(path) = self.surroundings.variable(CERT_FILE).filter(|path| !path.is_empty()) else { return Ok(()) };
        let why = match self.surroundings.read(Path::new(&path)).map_err(|error| (error.kind(), error)) {
            // Remarks between the certificates may be in any letters.
            Ok(_) | Err((ErrorKind::InvalidData, _)) => return Ok(()),
            Err((ErrorKind::NotFound, _)) => "there is no such file".to_owned(),
            Err((_, error)) => error.to_string(),
        };
        Err(Error::config(format!("read the certificates {path}, named by {CERT_FILE}"), why)
            .with_hint(format!("name a file of PEM certificates, or unset {CERT_FILE}")))
    }
}
