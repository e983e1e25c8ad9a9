//! `derive(Tool)` and typed closures: what the model gets, and what becomes of its arguments.

use std::collections::BTreeMap;

use outcrop::tools::{Call, ToolArguments, ToolContext, ToolResult, ToolSet, tool_fn};
use outcrop::{Tool, wire};
use serde_json::json;

/// The weather of a city, now.
///
/// Not a forecast.
#[derive(Tool, serde::Deserialize, schemars::JsonSchema)]
struct GetWeather {
    /// The city: "Paris".
    city: String,
    /// How warmth is told.
    #[serde(default)]
    unit: Unit,
    #[serde(rename = "days")]
    count: Option<u8>,
}

#[derive(Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unit {
    #[default]
    Celsius,
    Kelvin,
}

impl Call for GetWeather {
    async fn call(self, context: &ToolContext) -> ToolResult {
        let unit = if matches!(self.unit, Unit::Kelvin) { "K" } else { "C" };
        Ok(format!("{}: 21 {unit} ({})", self.city, context.name).into())
    }
}

#[derive(Tool, serde::Deserialize, schemars::JsonSchema)]
#[tool(name = "list-all", description = "Lists.", strict)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct List {
    #[schemars(range(min = 1, max = 9))]
    most: u32,
}

#[derive(Tool, serde::Deserialize, schemars::JsonSchema)]
#[tool(strict, description = "")]
#[expect(dead_code, reason = "only its schema is looked at")]
struct HoldsAMap {
    free: BTreeMap<String, u32>,
}

fn json_of(tool: &wire::messages::Tool) -> serde_json::Value {
    serde_json::to_value(tool).unwrap()
}

#[test]
fn doc_comments_become_descriptions() {
    let tool = GetWeather::definition();
    assert_eq!(GetWeather::NAME, "get_weather");
    let text = serde_json::to_string(&tool).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"{"name":"get_weather","description":"The weather of a city, now.\n\nNot a forecast.","input_schema":"#,
            r##"{"type":"object","properties":{"city":{"description":"The city: \"Paris\".","type":"string"},"unit":"##,
            r##"{"description":"How warmth is told.","$ref":"#/$defs/Unit"},"##,
            r##""days":{"type":["integer","null"],"format":"uint8","minimum":0,"maximum":255}},"required":["city"],"##,
            r##""$defs":{"Unit":{"type":"string","enum":["celsius","kelvin"]}}}}"##,
        )
    );
}

#[test]
fn strict_tools_have_a_schema_that_can_be_enforced() {
    assert_eq!(
        json_of(&List::definition()),
        json!({
            "name": "list-all",
            "description": "Lists.",
            "strict": true,
            "input_schema": {
                "type": "object",
                "properties": {"most": {"type": "integer", "description": "{format: uint32, minimum: 1, maximum: 9}"}},
                "additionalProperties": false,
                "required": ["most"],
            },
        })
    );
    // A map would have to be empty: rather the model is told and not held.
    let tool = json_of(&HoldsAMap::definition());
    assert_eq!((tool.get("strict"), tool.get("description"), &tool["name"]), (None, None, &json!("holds_a_map")));
    assert_eq!(tool["input_schema"]["properties"]["free"]["additionalProperties"]["type"], "integer");
}

#[test]
fn closures_are_tools_too() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Sum {
        b: f64,
        a: f64,
    }
    let add = tool_fn("add", "Adds.", |sum: Sum| async move { Ok((sum.a + sum.b).to_string().into()) });
    let check = |text: String| -> Result<u8, std::num::ParseIntError> { text.parse() };
    // `?` takes any error, with no word about types.
    let parse = tool_fn("parse", "Parses.", move |sum: Sum| async move {
        let number = check(sum.a.to_string())?;
        Ok(format!("{number}").into())
    });
    let tools = ToolSet::new().add(add).add(parse).with::<GetWeather>();
    assert_eq!(tools.names().collect::<Vec<_>>(), ["add", "parse", "get_weather"]);
    let properties = r#""properties":{"b":{"type":"number","format":"double"},"a":"#;
    let definition = serde_json::to_string(tools.definitions().next().unwrap()).unwrap();
    assert!(definition.contains(properties), "{definition}");
}

#[tokio::test]
async fn a_tool_is_tested_without_a_model() {
    let arguments: GetWeather = serde_json::from_str(r#"{"city":"Paris","unit":"kelvin"}"#).unwrap();
    assert_eq!(arguments.count, None);
    let mut context = ToolContext::default();
    context.name = "get_weather".to_owned();
    let output = arguments.call(&context).await.unwrap();
    assert_eq!(output.content(), Some(&"Paris: 21 K (get_weather)".into()));
}
