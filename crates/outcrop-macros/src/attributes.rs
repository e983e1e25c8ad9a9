//! What `#[tool(...)]` and the doc comment say.

use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, Path};

#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) name: Option<LitStr>,
    pub(crate) description: Option<LitStr>,
    pub(crate) strict: bool,
    /// Where the SDK is.
    pub(crate) sdk: Option<Path>,
    /// The doc comment.
    pub(crate) doc: String,
}

impl Attributes {
    pub(crate) fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut said = Attributes { doc: doc(attributes), ..Attributes::default() };
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("tool")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    said.name = Some(checked(meta.value()?.parse()?)?);
                } else if meta.path.is_ident("description") {
                    said.description = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("strict") {
                    said.strict = true;
                } else if meta.path.is_ident("crate") {
                    said.sdk = Some(meta.value()?.parse::<LitStr>()?.parse()?);
                } else {
                    return Err(
                        meta.error("expected `name = \"...\"`, `description = \"...\"`, `strict` or `crate = \"...\"`")
                    );
                }
                Ok(())
            })?;
        }
        Ok(said)
    }
}

/// The service takes names of that form only.
fn checked(name: LitStr) -> syn::Result<LitStr> {
    let text = name.value();
    let plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'));
    if plain && (1..=64).contains(&text.len()) {
        return Ok(name);
    }
    Err(syn::Error::new(name.span(), "the name of a tool is 1 to 64 of `A-Z a-z 0-9 _ -`"))
}

/// The lines of the doc comment, without the space they begin with.
fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let lines: Vec<String> = lines.map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned()).collect();
    lines.join("\n").trim().to_owned()
}
