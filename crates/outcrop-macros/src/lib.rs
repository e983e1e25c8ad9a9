//! `derive(Tool)` for the crate `outcrop`: a struct of arguments becomes a tool that Claude can call.

mod attributes;
mod expand;

use proc_macro::TokenStream;

/// Makes a struct the arguments of a tool. Derive serde's `Deserialize` and schemars' `JsonSchema` beside it, and say what
/// the tool does with `outcrop::tools::Call`.
///
/// The description of the tool is the struct's doc comment, those of its parameters are the doc comments of the fields.
/// The name is the struct's in snake case: `GetWeather` is `get_weather`. `#[tool(...)]` on the struct says otherwise:
///
/// - `name = "weather"`: 1 to 64 of `A-Z a-z 0-9 _ -`.
/// - `description = "..."`: in place of the doc comment; `""` for none.
/// - `strict`: the service holds the model to the schema, where the model has that.
/// - `crate = "path"`: where `outcrop` is, if it goes by another name.
#[proc_macro_derive(Tool, attributes(tool))]
pub fn derive_tool(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    expand::tool(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
