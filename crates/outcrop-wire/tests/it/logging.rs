//! The invocation log: records that no published sample shows, and objects that are broken.

use std::io::Write as _;

use outcrop_wire::Json;
use outcrop_wire::account::logging::{
    LogBodyError, LogObject, LogOperation, LogTroubleKind, LoggingConfiguration, ModelInvocationLog, read_body,
};
use outcrop_wire::catalogue::Catalogue;

const RECORD: &str = r#"{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"2026-04-19T13:28:51Z","accountId":"123456789012","identity":{"arn":"arn:aws:iam::123456789012:user/ann"},"region":"us-west-2","requestId":"7487ab04","operation":"InvokeModelWithResponseStream","modelId":"global.anthropic.claude-opus-4-6-v1","inferenceRegion":"us-east-2","errorCode":null,"requestMetadata":{"team":"a"},"input":{"inputContentType":"application/json","inputBodyJson":{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"Hello"}]},"inputTokenCount":1000000,"cacheReadInputTokenCount":0,"cacheWriteInputTokenCount":0},"output":{"outputContentType":"application/json","outputBodyJson":[{"type":"message_start","message":{"model":"claude-opus-4-6","id":"msg_bdrk_01","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}},{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}},{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}},{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" there"}},{"type":"content_block_stop","index":0},{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}},"[DONE]"],"outputTokenCount":2},"newMember":[1.50]}"#;

fn log(text: &str) -> ModelInvocationLog {
    serde_json::from_str(text).unwrap()
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// The request ids that can be read, and what is told of the rest.
fn read(bytes: &[u8]) -> (usize, Vec<String>) {
    let (records, troubles): (Vec<_>, Vec<_>) = LogObject::new("logs/a.json.gz", bytes).partition(Result::is_ok);
    (records.len(), troubles.into_iter().map(|trouble| trouble.unwrap_err().to_string()).collect())
}

#[test]
fn a_stream_is_a_reply_and_the_record_is_written_as_it_came() {
    let record = log(RECORD);
    assert_eq!(
        record.line(Default::default()).unwrap(),
        RECORD.replace(r#","errorCode":null"#, "").replace(r#""newMember""#, r#""errorCode":null,"newMember""#)
    );
    let reply = record.reply().unwrap();
    assert_eq!((reply.message.text().as_str(), reply.complete, reply.unread), ("Hi there", true, 0));
    assert_eq!(record.request().unwrap().value.model, record.model_id);
    // The reply's own counts, not the record's.
    assert_eq!((record.usage().input_tokens, record.usage().output_tokens), (3, 5));
    assert_eq!(record.counts().input_tokens, 1_000_000);
    assert!(record.cost(&record.counts(), &Catalogue::built_in()).is_some());
    assert_eq!(record.error_code, None);
}

#[test]
fn a_stream_that_broke_off_is_told_as_far_as_it_came() {
    let cut = RECORD.split(r#",{"type":"content_block_stop""#).next().unwrap();
    let cut = format!(
        r#"{cut},7,{{"type":"content_block_delta","index":9,"delta":{{"type":"text_delta","text":"x"}}}}]}}}}"#
    );
    let reply = log(&cut).reply().unwrap();
    assert_eq!((reply.message.text().as_str(), reply.complete, reply.unread), ("Hi there", false, 2));
}

#[test]
fn bodies_may_lie_elsewhere_or_nowhere_or_be_of_another_model() {
    let path = "s3://b/AWSLogs/1/BedrockModelInvocationLogs/us-east-1/2026/04/19/13/data/7487ab04_input.json.gz";
    let record = |rest: &str| {
        log(&format!(
            r#"{{"schemaType":"ModelInvocationLog","timestamp":"t","requestId":"r","operation":"InvokeModel","modelId":"anthropic.claude-opus-4-6-v1"{rest}}}"#
        ))
    };
    let odd = read_body("data/r_input.json.gz", b"{]").unwrap_err().to_string();
    assert!(odd.starts_with("data/r_input.json.gz, line 1 is no JSON: "), "{odd}");
    let mut elsewhere =
        record(&format!(r#","input":{{"inputContentType":"application/json","inputBodyS3Path":"{path}"}}"#));
    match elsewhere.request() {
        Err(LogBodyError::Elsewhere { path: told, .. }) => assert_eq!(told, path),
        other => panic!("{other:?}"),
    }
    let body = br#"{"max_tokens":1,"messages":[{"role":"user","content":"Hello"}]}"#;
    elsewhere.input.as_mut().unwrap().body = Some(read_body(path, body).unwrap());
    assert_eq!(elsewhere.request().unwrap().value.messages[0].content.text(), "Hello");

    let refused = record(r#","errorCode":"ValidationException","input":{"inputBodyJson":{"messages":[]}}"#);
    assert_eq!(refused.error_code.as_deref(), Some("ValidationException"));
    assert!(matches!(refused.request(), Err(LogBodyError::Foreign { .. })), "{:?}", refused.request());
    assert!(matches!(refused.reply(), Err(LogBodyError::Absent(_))));
    assert_eq!(refused.usage(), Default::default());
    assert!(refused.time().is_none() && refused.cost(&refused.usage(), &Catalogue::built_in()).is_none());

    let other = record(r#","output":{"outputBodyJson":{"generation":"Hi"}}"#);
    assert!(matches!(other.reply(), Err(LogBodyError::Foreign { .. })));
}

/// As a published record has them (elastic/integrations, packages/aws_bedrock, test-aws-bedrock.log): format and name stay.
#[test]
fn media_that_lie_elsewhere_are_named_and_can_be_put_back() {
    let at = |name: &str| format!(r#""source":{{"s3Uri":"s3://b/k/data/7487ab04_input_media_{name}"}}"#);
    let body = format!(
        r#"{{"messages":[{{"role":"user","content":[{{"document":{{"format":"pdf","name":"r",{}}}}},{{"toolResult":{{"toolUseId":"tooluse_1","content":[{{"image":{{"format":"png",{}}}}}]}}}},{{"text":"What is it?"}}]}}]}}"#,
        at("00.pdf"),
        at("01.png")
    );
    let mut record = log(RECORD);
    record.operation = LogOperation::ConverseStream;
    record.input.as_mut().unwrap().body = Some(Json::from_text(body).unwrap());
    let told = |record: &ModelInvocationLog| {
        let request = record.request().unwrap().value;
        Json::of(&request.messages).unwrap().text().to_owned()
    };
    let elsewhere = told(&record);
    assert!(elsewhere.contains(r#""title":"r""#) && elsewhere.contains(r#""type":"tool_result""#), "{elsewhere}");
    let paths = record.media_paths();
    assert_eq!(paths.len(), 2, "{paths:?}");
    record.put_media(|path| path.ends_with(".png").then(|| vec![1, 2, 3]));
    assert_eq!(record.media_paths(), paths[..1]);
    record.put_media(|_| Some(vec![4]));
    let whole = told(&record);
    assert!(record.media_paths().is_empty() && whole.contains(r#""media_type":"image/png","data":"AQID""#), "{whole}");
    assert!(whole.contains(r#""media_type":"application/pdf","data":"BA==""#), "{whole}");
}

/// Other pipelines keep less: `source.s3Uri` and nothing else.
#[test]
fn media_that_lie_elsewhere_cost_no_conversation() {
    let media = r#"{"source":{"s3Uri":"s3://b/k/data/7487ab04_input_media_00.pdf"}}"#;
    let converse = format!(
        r#"{{"messages":[{{"role":"user","content":[{{"document":{media}}},{{"image":{media}}},{{"text":"What is it?"}}]}}],"inferenceConfig":{{"maxTokens":7}}}}"#
    );
    let messages = format!(
        r#"{{"max_tokens":7,"messages":[{{"role":"user","content":[{{"type":"document",{0},{{"type":"image",{0},{{"type":"text","text":"What is it?"}}]}}]}}"#,
        &media[1..]
    );
    for (operation, body) in [(LogOperation::Converse, converse), (LogOperation::InvokeModel, messages)] {
        let mut record = log(RECORD);
        record.operation = operation;
        record.input.as_mut().unwrap().body = Some(Json::from_text(body).unwrap());
        let request = record.request().unwrap().value;
        let blocks = request.messages[0].content.clone().into_blocks();
        assert_eq!(
            (blocks.len(), request.max_tokens, request.messages[0].content.text().as_ref()),
            (3, 7, "What is it?")
        );
        assert!(Json::of(&blocks).unwrap().text().matches("7487ab04_input_media_00.pdf").count() == 2);
    }
}

/// What only informs never costs a record.
#[test]
fn members_of_another_shape_are_kept() {
    let line = RECORD
        .replace(r#"{"arn":"arn:aws:iam::123456789012:user/ann"}"#, r#""ann""#)
        .replace(r#"{"team":"a"}"#, r#"{"team":["a"]}"#)
        .replace(r#""inputTokenCount":1000000"#, r#""inputTokenCount":"many""#)
        .replace("InvokeModelWithResponseStream", "CreateMessage");
    let record = log(&line);
    assert_eq!(record.operation, LogOperation::Other("CreateMessage".to_owned()));
    assert_eq!(record.caller(), "");
    assert_eq!(record.request().unwrap().value.messages.len(), 1);
    assert_eq!(Json::of(&record).unwrap(), Json::from_text(line).unwrap());
}

#[test]
fn plain_lines_are_read_and_odd_ones_are_told_with_their_place() {
    let whole = format!("{RECORD}\n\n{RECORD}\r\n");
    assert_eq!(read(whole.as_bytes()), (2, vec![]));
    assert_eq!(read(b""), (0, vec!["logs/a.json.gz is empty".to_owned()]));
    assert_eq!(read(b"\n"), (0, vec![]), "a log without calls");
    let noticed = format!("Permissions are correctly set for Amazon Bedrock logs.\n{RECORD}\n");
    assert_eq!(read(noticed.as_bytes()), (1, vec![]));
    let html = "<html>\n".repeat(900);
    let text = "logs/a.json.gz, line 1: neither gzip nor lines of JSON: it begins with `<html>`".to_owned();
    assert_eq!(read(html.as_bytes()), (0, vec![text]));
    for whole in [format!("garbage\n{RECORD}\n"), format!("garbage\n\n{RECORD}\n")] {
        let (records, troubles) = read(whole.as_bytes());
        assert_eq!((records, troubles.len()), (1, 1), "{troubles:?}");
        assert!(troubles[0].starts_with("logs/a.json.gz, line 1 is no log record: "), "{troubles:?}");
    }
    let (records, troubles) = read(format!("{RECORD}\n{{\"a\":1}}\nnot JSON\n{RECORD}").as_bytes());
    assert_eq!(records, 2);
    assert_eq!(troubles.len(), 2);
    assert!(
        troubles[0].starts_with("logs/a.json.gz, line 2 is no log record: missing field `schemaType` at column 7"),
        "{troubles:?}"
    );
    assert!(troubles[1].starts_with("logs/a.json.gz, line 3 is no log record: "), "{troubles:?}");
    let (records, troubles) = read(format!("{RECORD}\n{}", &RECORD[..200]).as_bytes());
    assert_eq!((records, troubles), (1, vec!["logs/a.json.gz, line 2: the object is cut off here".to_owned()]));
    let mut picture = vec![0x89, b'P', 0, 0xff];
    picture.extend_from_slice(b"\n\x00\xff\n");
    assert_eq!(read(&picture), (0, vec!["logs/a.json.gz, line 1: neither gzip nor lines of JSON".to_owned()]));
}

#[cfg(feature = "gzip")]
#[test]
fn gzipped_lines_are_read_as_far_as_they_are_there() {
    let lines: String =
        (0..50).map(|at| format!("{}\n", RECORD.replace("7487ab04", &format!("id-{at}-{}", at * 7919)))).collect();
    let whole = gzipped(&lines);
    assert_eq!(read(&whole), (50, vec![]));
    // Appended to by another writer.
    assert_eq!(read(&[whole.clone(), whole.clone()].concat()), (100, vec![]));
    let mut before = 0;
    for cut in [3, 20, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        let (records, troubles) = read(&whole[..cut]);
        assert!(records >= before && troubles.len() == 1, "{cut}: {records} {troubles:?}");
        assert!(troubles[0].ends_with(": the object is cut off here"), "{cut}: {troubles:?}");
        before = records;
    }
    assert_eq!(before, 50, "only the checksum is missing");
    let unended = gzipped(lines.trim_end());
    let (records, troubles) = read(&unended[..unended.len() - 4]);
    assert!(records == 50 && troubles.len() == 1, "a line without an end is a record too: {records} {troubles:?}");
    let mut damaged = whole.clone();
    let at = damaged.len() - 6;
    damaged[at] ^= 0xff;
    let (records, troubles) = read(&damaged);
    assert!(records == 50 && troubles[0].contains("the gzip is damaged here"), "{records} {troubles:?}");
    let body = read_body("data/r_input.json.gz", &gzipped("{\"a\":1}")).unwrap();
    assert_eq!(body.text(), "{\"a\":1}");
    let cut = read_body("data/r_input.json.gz", &whole[..whole.len() / 2]).unwrap_err();
    assert!(matches!(cut.kind, LogTroubleKind::Truncated), "{cut}");
}

/// Whatever the bytes are: it ends, each trouble is one, and what stands before the damage is there.
#[cfg(feature = "gzip")]
#[test]
fn no_damage_costs_what_stands_before_it() {
    let whole = gzipped(&format!("{RECORD}\n").repeat(20));
    let mut dice = crate::corpus::Dice(20260419);
    for _ in 0..400 {
        let mut bytes = whole.clone();
        for _ in 0..=dice.roll(3) {
            let at = dice.roll(bytes.len());
            bytes[at] ^= 1 << dice.roll(8);
        }
        bytes.truncate(bytes.len() - dice.roll(2) * dice.roll(bytes.len()));
        let (records, troubles) = read(&bytes);
        assert!(records <= 20 && troubles.len() <= 200, "{records} {troubles:?}");
        assert!(records == 20 || !troubles.is_empty() || bytes.is_empty(), "something was lost in silence");
    }
}

#[cfg(not(feature = "gzip"))]
#[test]
fn without_gzip_that_is_told() {
    assert_eq!(
        read(&gzipped(RECORD)),
        (0, vec!["logs/a.json.gz is gzipped, which this build does not read".to_owned()])
    );
    let error = read_body("b", &gzipped("{}")).unwrap_err();
    assert!(matches!(error.kind, LogTroubleKind::Gzipped));
}

#[test]
fn destinations_and_what_goes_there() {
    let bucket = LoggingConfiguration::to_s3("logs", Some("p".to_owned()));
    assert_eq!(
        serde_json::to_string(&bucket).unwrap(),
        r#"{"s3Config":{"bucketName":"logs","keyPrefix":"p"},"textDataDeliveryEnabled":true,"imageDataDeliveryEnabled":true,"embeddingDataDeliveryEnabled":true,"videoDataDeliveryEnabled":true,"audioDataDeliveryEnabled":true}"#
    );
    assert_eq!(bucket.large_data().map(|bucket| bucket.bucket_name.as_str()), Some("logs"));
    let mut group = LoggingConfiguration::to_cloud_watch("g", "arn:aws:iam::123456789012:role/r");
    assert_eq!(group.large_data(), None);
    let large = bucket.s3_config;
    group.cloud_watch_config.as_mut().unwrap().large_data_delivery_s3_config = large.clone();
    assert_eq!(group.large_data(), large.as_ref());
}
