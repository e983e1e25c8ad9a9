//! Whom TLS trusts: the system's roots (on Linux also `SSL_CERT_FILE`), so company CAs count, or a bundle in their place.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// The system's roots.
///
/// # Errors
/// When there are none.
pub(super) fn system() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    // One root that cannot be read does not spoil the others.
    for root in found.certs {
        let _ = roots.add(root);
    }
    if roots.is_empty() {
        let why: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        return Err(format!("the system has no certificates to trust: {}", why.join("; ")));
    }
    Ok(roots)
}

/// The certificates of a PEM text.
///
/// # Errors
/// When it is malformed, or none of its certificates can be used: a bundle that is asked for and trusts nobody would
/// make every connection fail for a reason that is hard to see.
pub(crate) fn read_bundle(text: &str) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let mut unusable = None;
    for (certificate, number) in CertificateDer::pem_slice_iter(text.as_bytes()).zip(1..) {
        let certificate = certificate.map_err(|error| format!("certificate {number} is malformed: {error}"))?;
        // One that cannot be used does not spoil the others.
        if let Err(error) = roots.add(certificate) {
            unusable.get_or_insert(format!("certificate {number} cannot be used: {error}"));
        }
    }
    if roots.is_empty() {
        return Err(unusable.unwrap_or_else(|| "it holds no certificate".to_owned()));
    }
    Ok(roots)
}
