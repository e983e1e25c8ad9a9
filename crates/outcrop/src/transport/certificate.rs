//! Who issued a certificate: the names in its DER, no more.

/// `commonName` and `organizationName` (X.520), as DER writes their object identifiers.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
const ORGANIZATION: [u8; 3] = [0x55, 0x04, 0x0a];

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
/// The version of a certificate; only old ones have none.
const VERSION: u8 = 0xa0;

/// `Amazon RSA 2048 M01 (Amazon)`; none where the bytes are no certificate, or the issuer has neither name.
pub(super) fn issuer(der: &[u8]) -> Option<String> {
    let (certificate, _) = take(SEQUENCE, der)?;
    let (body, _) = take(SEQUENCE, certificate)?;
    let body = take(VERSION, body).map_or(body, |(_, rest)| rest);
    let (_, body) = take(INTEGER, body)?;
    let (_algorithm, body) = take(SEQUENCE, body)?;
    let (mut names, _) = take(SEQUENCE, body)?;
    let (mut common, mut organization) = (None, None);
    while let Some((set, rest)) = take(SET, names) {
        names = rest;
        let Some((pair, _)) = take(SEQUENCE, set) else { continue };
        let Some((kind, value)) = take(OBJECT_IDENTIFIER, pair) else { continue };
        let text = any(value).map(|(_, text, _)| String::from_utf8_lossy(text).into_owned());
        if kind == COMMON_NAME {
            common = common.or(text);
        } else if kind == ORGANIZATION {
            organization = organization.or(text);
        }
    }
    match (common, organization) {
        (Some(common), Some(organization)) => Some(format!("{common} ({organization})")),
        (common, organization) => common.or(organization),
    }
}

/// The content of a value with this tag, and what follows it.
fn take(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    any(der).filter(|(found, ..)| *found == tag).map(|(_, content, rest)| (content, rest))
}

/// Tag, content, and what follows.
fn any(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // So many bytes of length follow; no certificate has four gigabytes.
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

    use super::*;

    #[test]
    fn the_issuer_of_a_certificate_is_told_and_damage_is_survived() {
        let mut authority = CertificateParams::new([]).expect("parameters");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, "Corp Proxy CA");
        authority.distinguished_name.push(DnType::OrganizationName, "Example Inc");
        let key = KeyPair::generate().expect("a key");
        let authority = Issuer::new(authority, key);
        let leaf = CertificateParams::new(["localhost".to_owned()]).expect("parameters");
        let leaf = leaf.signed_by(&KeyPair::generate().expect("a key"), &authority).expect("a certificate");
        let der = leaf.der();
        assert_eq!(issuer(der).as_deref(), Some("Corp Proxy CA (Example Inc)"));
        for end in 0..der.len() {
            let _ = issuer(&der[..end]);
        }
        assert_eq!(issuer(b"no certificate"), None);
        assert_eq!(issuer(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
