//! What `derive(Tool)` writes.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Error, Fields};

use crate::attributes::Attributes;

pub(crate) fn tool(input: &DeriveInput) -> syn::Result<TokenStream> {
    let said = Attributes::of(&input.attrs)?;
    let ident = &input.ident;
    let refuse = |why: &str| Err(Error::new(ident.span(), why));
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(_) => {}
            Fields::Unit => return refuse("the arguments of a tool are a JSON object: write `{}` in place of `;`"),
            Fields::Unnamed(_) => return refuse("the arguments of a tool are a JSON object: name the fields"),
        },
        Data::Enum(_) | Data::Union(_) => {
            return refuse("the arguments of a tool are a JSON object: derive `Tool` on a struct with named fields");
        }
    }
    if !input.generics.params.is_empty() {
        let why = "a tool has one schema: derive `Tool` on a struct without generic parameters";
        return Err(Error::new_spanned(&input.generics, why));
    }
    let name = match &said.name {
        Some(name) => name.value(),
        None => snake_case(&ident.unraw().to_string()),
    };
    if name.len() > 64 || !name.is_ascii() {
        return refuse("the name of a tool is 1 to 64 of `A-Z a-z 0-9 _ -`: add `#[tool(name = \"...\")]`");
    }
    let description = match &said.description {
        Some(description) => description.value(),
        None if said.doc.is_empty() => {
            return refuse("a model chooses a tool by its description: write a doc comment on the struct");
        }
        None => said.doc,
    };
    let sdk = said.sdk.map_or_else(|| quote!(::outcrop), |path| quote!(#path));
    let strict = said.strict;
    // The struct's own span: what is missing (`JsonSchema`, `Deserialize`) is told there.
    Ok(quote_spanned! {ident.span()=>
        impl #sdk::tools::ToolArguments for #ident {
            const NAME: &'static str = #name;
            fn definition() -> #sdk::wire::messages::Tool {
                #sdk::tools::describe::<#ident>(#name, #description, #strict)
            }
        }
    })
}

/// `GetWeather` is `get_weather`, `HTTPFetch2` is `http_fetch2`.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(at + 1);
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        if begins {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn names_in_snake_case() {
        for (name, expected) in [
            ("GetWeather", "get_weather"),
            ("HTTPFetch2", "http_fetch2"),
            ("A", "a"),
            ("Fetch2Pages", "fetch2_pages"),
            ("get_it", "get_it"),
        ] {
            assert_eq!(snake_case(name), expected);
        }
    }
}
