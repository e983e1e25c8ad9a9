//! Every value against its shape in the service model (botocore 1.44, bedrock-runtime 2023-09-30).

use outcrop_wire::converse::{
    CachePointBlock, ContentBlock, ConverseRequest, DocumentBlock, DocumentFormat, DocumentSource, GuardContentBlock,
    GuardImageBlock, GuardTextBlock, ImageBlock, ImageSource, Message, OutputConfig, Role, S3Location,
    SystemContentBlock, Tool, ToolChoice, ToolConfig, ToolResultBlock, ToolResultContent, ToolSpec, ToolUseBlock,
};
use outcrop_wire::handling::{MOST_LABELS, is_version};
use outcrop_wire::surface::Delivery;

use crate::check::Verdict;
use crate::check::constraints::{Constraints, Told};
use crate::check::handling::are_labels;
use crate::check::place::Place;

/// As many as there may be.
const ANY: usize = usize::MAX;

const NAME: &str = "[a-zA-Z0-9_-]+";
const ID: &str = "[a-zA-Z0-9_.:-]+";
const GUARDRAIL: &str = "(|([a-z0-9]+)|(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:guardrail/[a-z0-9]+))";
const GUARDRAIL_VERSION: &str = "(|([1-9][0-9]{0,7})|(DRAFT))";
const METADATA_NAMES: &str = r"Member must have length less than or equal to 256, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [a-zA-Z0-9\s:_@$#=/+,-.]{1,256}";
const METADATA_VALUES: &str = r"Member must have length less than or equal to 256, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: [a-zA-Z0-9\s:_@$#=/+,-.]{0,256}";
const PATH_RULES: &str =
    "Member must have length less than or equal to 256, Member must have length greater than or equal to 1";
const URI: &str = r"s3://[a-z0-9][\.\-a-z0-9]{1,61}[a-z0-9](/.*)?";

/// The order of members is that of the service model; AWS's own is not recorded.
pub(super) fn check(request: &ConverseRequest, delivery: Delivery) -> Verdict {
    let mut broken = Constraints::default();
    let messages = Place::ROOT.member("messages");
    for (at, message) in request.messages.iter().enumerate() {
        of_message(message, &messages.item(at), &mut broken);
    }
    let system = Place::ROOT.member("system");
    for (at, block) in request.system.iter().flatten().enumerate() {
        let place = system.item(at);
        match block {
            SystemContentBlock::Text(text) => {
                broken.length(text, Told::As(text), 1, ANY, &place.member("text"));
            }
            SystemContentBlock::GuardContent(block) => of_guard(block, &place.member("guardContent"), &mut broken),
            SystemContentBlock::CachePoint(point) => of_cache_point(point, &place.member("cachePoint"), &mut broken),
            SystemContentBlock::Other(_) => {}
        }
    }
    of_inference(request, &mut broken);
    if let Some(config) = &request.tool_config {
        of_tools(config, &mut broken);
    }
    of_guardrail(request, delivery, &mut broken);
    of_paths(request, &mut broken);
    of_metadata(request, &mut broken);
    if let Some(latency) = request.performance_config.as_ref().and_then(|config| config.latency.as_ref()) {
        let place = Place::ROOT.member("performanceConfig");
        broken.one_of(latency.as_str(), &["standard", "optimized"], &place.member("latency"));
    }
    if let Some(tier) = &request.service_tier {
        let place = Place::ROOT.member("serviceTier");
        broken.one_of(tier.tier.as_str(), &["priority", "default", "flex", "reserved"], &place.member("type"));
    }
    if let Some(config) = &request.output_config {
        of_output(config, &mut broken);
    }
    broken.verdict()
}

fn of_message(message: &Message, place: &Place<'_>, broken: &mut Constraints) {
    if let Role::Other(role) = &message.role {
        // Quoted with `[user, assistant]`, before there were messages of the system.
        broken.one_of(role, &["user", "assistant", "system"], &place.member("role"));
    }
    let content = place.member("content");
    for (index, block) in message.content.iter().enumerate() {
        let place = content.item(index);
        match block {
            ContentBlock::Image(block) => of_image(block, &place.member("image"), broken),
            ContentBlock::Document(block) => of_document(block, &place.member("document"), broken),
            ContentBlock::ToolUse(block) => of_call(block, &place.member("toolUse"), broken),
            ContentBlock::ToolResult(block) => of_result(block, &place.member("toolResult"), broken),
            ContentBlock::GuardContent(block) => of_guard(block, &place.member("guardContent"), broken),
            ContentBlock::CachePoint(point) => of_cache_point(point, &place.member("cachePoint"), broken),
            _ => {}
        }
    }
}

fn of_image(block: &ImageBlock, place: &Place<'_>, broken: &mut Constraints) {
    broken.one_of(block.format.as_str(), &["png", "jpeg", "gif", "webp"], &place.member("format"));
    let source = place.member("source");
    match &block.source {
        ImageSource::Bytes(bytes) => broken.length(bytes, Told::Concealed, 1, ANY, &source.member("bytes")),
        ImageSource::S3Location(location) => of_location(location, &source.member("s3Location"), broken),
        ImageSource::Other(_) => {}
    }
}

fn of_document(block: &DocumentBlock, place: &Place<'_>, broken: &mut Constraints) {
    if let Some(format @ DocumentFormat::Other(_)) = &block.format {
        let formats = ["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"];
        broken.one_of(format.as_str(), &formats, &place.member("format"));
    }
    // Recorded, 2026-09.
    broken.length(&block.name, Told::Concealed, 1, 200, &place.member("name"));
    let source = place.member("source");
    match &block.source {
        DocumentSource::Bytes(bytes) => broken.length(bytes, Told::Concealed, 1, ANY, &source.member("bytes")),
        DocumentSource::S3Location(location) => of_location(location, &source.member("s3Location"), broken),
        DocumentSource::Text(_) | DocumentSource::Content(_) | DocumentSource::Other(_) => {}
    }
}

fn of_location(location: &S3Location, place: &Place<'_>, broken: &mut Constraints) {
    let bucket = location.uri.strip_prefix("s3://").and_then(|rest| rest.split('/').next());
    let fits = |bucket: &str| {
        let edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
        let bytes = bucket.as_bytes();
        (3..=63).contains(&bytes.len()) && edge(bytes.first()) && edge(bytes.last()) && bucket.bytes().all(inner)
    };
    let place = place.member("uri");
    broken.pattern(bucket.is_some_and(fits), Told::As(&location.uri), URI, &place);
    broken.length(&location.uri, Told::As(&location.uri), 1, 1024, &place);
}

fn of_call(block: &ToolUseBlock, place: &Place<'_>, broken: &mut Constraints) {
    of_id(&block.tool_use_id, &place.member("toolUseId"), broken);
    of_name(&block.name, &place.member("name"), broken);
    // `tool_use` comes in answers (recorded), and goes back with them.
    if let Some(kind) = block.kind.as_deref().filter(|kind| *kind != "tool_use") {
        broken.one_of(kind, &["server_tool_use"], &place.member("type"));
    }
}

fn of_result(block: &ToolResultBlock, place: &Place<'_>, broken: &mut Constraints) {
    of_id(&block.tool_use_id, &place.member("toolUseId"), broken);
    let content = place.member("content");
    for (index, piece) in block.content.iter().enumerate() {
        let place = content.item(index);
        match piece {
            ToolResultContent::Image(block) => of_image(block, &place.member("image"), broken),
            ToolResultContent::Document(block) => of_document(block, &place.member("document"), broken),
            _ => {}
        }
    }
    if let Some(status) = &block.status {
        broken.one_of(status.as_str(), &["success", "error"], &place.member("status"));
    }
}

/// The name of a tool.
fn of_name(name: &str, place: &Place<'_>, broken: &mut Constraints) {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    broken.letters(name, Told::As(&name), NAME, fits, place);
    broken.length(name, Told::As(&name), 1, 64, place);
}

/// The id of a call.
fn of_id(id: &str, place: &Place<'_>, broken: &mut Constraints) {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | ':' | '-');
    broken.letters(id, Told::As(&id), ID, fits, place);
    broken.length(id, Told::As(&id), 1, 64, place);
}

fn of_guard(block: &GuardContentBlock, place: &Place<'_>, broken: &mut Constraints) {
    match block {
        GuardContentBlock::Text(GuardTextBlock { qualifiers, .. }) => {
            let (own, words) = (place.member("text"), ["grounding_source", "query", "guard_content"]);
            let list = own.member("qualifiers");
            for (index, qualifier) in qualifiers.iter().flatten().enumerate() {
                broken.one_of(qualifier.as_str(), &words, &list.item(index));
            }
        }
        GuardContentBlock::Image(GuardImageBlock { format, .. }) => {
            broken.one_of(format.as_str(), &["png", "jpeg"], &place.member("image").member("format"));
        }
        GuardContentBlock::Other(_) => {}
    }
}

fn of_cache_point(point: &CachePointBlock, place: &Place<'_>, broken: &mut Constraints) {
    // Quoted: `Value 'auto' at 'toolConfig.tools.49.member.cachePoint.type'`.
    broken.one_of(&point.kind, &["default"], &place.member("type"));
    if let Some(ttl) = &point.ttl {
        broken.one_of(ttl.as_str(), &["5m", "1h"], &place.member("ttl"));
    }
}

fn of_inference(request: &ConverseRequest, broken: &mut Constraints) {
    let Some(config) = &request.inference_config else { return };
    let place = Place::ROOT.member("inferenceConfig");
    if config.max_tokens == Some(0) {
        // Quoted.
        broken.add(Told::As(&0), &place.member("maxTokens"), "Member must have value greater than or equal to 1");
    }
    // Quoted.
    broken.share(config.temperature, &place.member("temperature"));
    broken.share(config.top_p, &place.member("topP"));
    let list = place.member("stopSequences");
    let stops = config.stop_sequences.as_deref().unwrap_or_default();
    broken.count(stops.len(), Told::Concealed, 0, 2500, &list);
    let said = format!("[{}]", stops.join(", "));
    let fit = stops.iter().all(|stop| !stop.is_empty());
    broken.each(fit, Told::As(&said), "Member", "Member must have length greater than or equal to 1", &list);
}

fn of_tools(config: &ToolConfig, broken: &mut Constraints) {
    let place = Place::ROOT.member("toolConfig");
    let tools = place.member("tools");
    // Quoted.
    broken.count(config.tools.len(), Told::Concealed, 1, ANY, &tools);
    for (index, tool) in config.tools.iter().enumerate() {
        let place = tools.item(index);
        match tool {
            Tool::ToolSpec(ToolSpec { name, description, .. }) => {
                let own = place.member("toolSpec");
                of_name(name, &own.member("name"), broken);
                if let Some(description) = description {
                    broken.length(description, Told::As(description), 1, ANY, &own.member("description"));
                }
            }
            Tool::SystemTool(tool) => of_name(&tool.name, &place.member("systemTool").member("name"), broken),
            Tool::CachePoint(point) => of_cache_point(point, &place.member("cachePoint"), broken),
            Tool::Other(_) => {}
        }
    }
    if let Some(ToolChoice::Tool(choice)) = &config.tool_choice {
        of_name(&choice.name, &place.member("toolChoice").member("tool").member("name"), broken);
    }
}

fn of_guardrail(request: &ConverseRequest, delivery: Delivery, broken: &mut Constraints) {
    let Some(config) = &request.guardrail_config else { return };
    let place = Place::ROOT.member("guardrailConfig");
    if let Some(id) = &config.guardrail_identifier {
        let (place, told) = (place.member("guardrailIdentifier"), Told::As(id));
        broken.pattern(is_guardrail(id), told, GUARDRAIL, &place);
        broken.length(id, told, 0, 2048, &place);
    }
    if let Some(version) = &config.guardrail_version {
        let fits = version.is_empty() || is_version(version);
        broken.pattern(fits, Told::As(version), GUARDRAIL_VERSION, &place.member("guardrailVersion"));
    }
    if let Some(trace) = &config.trace {
        broken.one_of(trace.as_str(), &["enabled", "disabled", "enabled_full"], &place.member("trace"));
    }
    // What is not streamed has no such member, and passes over it.
    if let Some(mode) = config.stream_processing_mode.as_ref().filter(|_| delivery == Delivery::Stream) {
        broken.one_of(mode.as_str(), &["sync", "async"], &place.member("streamProcessingMode"));
    }
}

/// An id, or an ARN that ends in one.
fn is_guardrail(id: &str) -> bool {
    let is_id = |id: &str| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !id.contains(':') {
        return is_id(id);
    }
    let parts: Vec<&str> = id.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, "bedrock", region, account, resource] => {
            let name = resource.strip_prefix("guardrail/");
            (partition == "aws" || partition.strip_prefix("aws-").is_some_and(|rest| !rest.is_empty()))
                && (1..=20).contains(&region.len())
                && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
                && account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && name.is_some_and(|name| !name.is_empty() && is_id(name))
        }
        _ => false,
    }
}

fn of_paths(request: &ConverseRequest, broken: &mut Constraints) {
    let Some(paths) = &request.additional_model_response_field_paths else { return };
    let list = Place::ROOT.member("additionalModelResponseFieldPaths");
    broken.count(paths.len(), Told::Concealed, 0, 10, &list);
    let said = format!("[{}]", paths.join(", "));
    let fit = paths.iter().all(|path| (1..=256).contains(&path.chars().count()));
    broken.each(fit, Told::As(&said), "Member", PATH_RULES, &list);
}

/// What is private: neither names nor values are repeated.
fn of_metadata(request: &ConverseRequest, broken: &mut Constraints) {
    let Some(metadata) = &request.request_metadata else { return };
    let place = Place::ROOT.member("requestMetadata");
    broken.count(metadata.len(), Told::Concealed, 1, MOST_LABELS, &place);
    let (names, values) = (are_labels(metadata.keys(), 1), are_labels(metadata.values(), 0));
    broken.each(names, Told::Concealed, "Map keys", METADATA_NAMES, &place);
    broken.each(values, Told::Concealed, "Map value", METADATA_VALUES, &place);
}

fn of_output(config: &OutputConfig, broken: &mut Constraints) {
    let place = Place::ROOT.member("outputConfig");
    if let Some(format) = &config.text_format {
        broken.one_of(&format.kind, &["json_schema"], &place.member("textFormat").member("type"));
    }
    if let Some(effort) = &config.effort {
        broken.one_of(effort.as_str(), &["low", "medium", "high", "xhigh", "max"], &place.member("effort"));
    }
}
