//! `outcrop logging read`: objects and bodies that are broken, missing, or nothing of a log.

use insta::assert_snapshot;

use crate::logging::{LOG, converse, failed, gzipped, read, stream};
use crate::program::outcrop;

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_read() {
    let two = gzipped(&format!("{}{}", converse(), failed()));
    let run = read([])
        .file(&format!("{LOG}/2026/03/03/00/cut.json.gz"), &two[..two.len() - 10])
        .file(&format!("{LOG}/2026/03/03/01/no.json.gz"), b"\xff\x00\x01 no gzip")
        .file(&format!("{LOG}/2026/03/03/02/odd.json"), format!("{}{{\"a\":1}}\n{}", converse(), failed()));
    assert_snapshot!(run.shown(), @"
    exit: 1
    ----- stdout -----
    2026-03-01T10:15:00Z	id-converse	ConverseStream	us.anthropic.claude-sonnet-4-6	12	4	$0.000106	assumed-role/Web/ann	How is the weather in Bern?
    2026-03-01T11:00:00Z	id-stream	InvokeModelWithResponseStream	global.anthropic.claude-opus-4-6-v1	9	6	$0.000195	assumed-role/Batch/bob	(large request)
    2026-03-02T09:00:00Z	id-failed	InvokeModel	global.anthropic.claude-opus-4-6-v1	0	0	$0	assumed-role/Web/ann	ThrottlingException
    2026-03-01T10:15:00Z	id-converse	ConverseStream	us.anthropic.claude-sonnet-4-6	12	4	$0.000106	assumed-role/Web/ann	How is the weather in Bern?
    2026-03-02T09:00:00Z	id-failed	InvokeModel	global.anthropic.claude-opus-4-6-v1	0	0	$0	assumed-role/Web/ann	ThrottlingException
    2026-03-01T10:15:00Z	id-converse	ConverseStream	us.anthropic.claude-sonnet-4-6	12	4	$0.000106	assumed-role/Web/ann	How is the weather in Bern?
    2026-03-02T09:00:00Z	id-failed	InvokeModel	global.anthropic.claude-opus-4-6-v1	0	0	$0	assumed-role/Web/ann	ThrottlingException
    ----- stderr -----
    warning: AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/03/03/00/cut.json.gz, line 2: the object is cut off here
    warning: AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/03/03/01/no.json.gz, line 1: neither gzip nor lines of JSON
    warning: AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/03/03/02/odd.json, line 2 is no log record: missing field `schemaType` at column 7
    7 calls | 45 tokens in, 18 out | cost $0.000512
    error: 3 parts of the log could not be read; the rest was
    hint: an object that is cut off may have been copied in part: fetch it again
    ");

    let lost = stream().replace("id-stream_input", "id-lost_input").replace("\"id-stream\"", "\"id-lost\"");
    let outside =
        stream().replace("s3://logs/AWSLogs", "s3://logs/../../AWSLogs").replace("\"id-stream\"", "\"id-out\"");
    let run =
        read(["--show", "--since", "2026-03-01T11:00", "--model", "opus", "--identity", "bob", "--grep", "Quartz"]);
    let shown = run
        .file(&format!("{LOG}/2026/03/01/12/lost.json"), lost + &outside)
        .file("logs/AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/03/01/12/data/x", "")
        .shown();
    assert!(shown.contains("2026/03/01/11/data/id-lost_input.json.gz is not in this folder"), "{shown}");
    assert!(shown.contains("leads out of its bucket"), "{shown}");
    assert!(shown.starts_with("exit: 1\n") && shown.contains("2 parts of the log could not be read"), "{shown}");
    assert_eq!(shown.matches("Quartz is silicon dioxide.").count(), 3, "{shown}");
}

/// A few of many are told, and no line of what is no log at all.
#[test]
fn what_is_wrong_with_an_object_is_told_in_a_few_lines() {
    let odd = format!("{}{}{}", converse(), "{\"a\":1}\n".repeat(1000), failed());
    let run = outcrop(["logging", "read", "."])
        .at_home()
        .file("a/empty.json.gz", "")
        .file("a/none.json.gz", gzipped(""))
        .file("a/page.json.gz", "<?xml version=\"1.0\"?>\n<Error>\n".repeat(500))
        .file("a/odd.json.gz", gzipped(&odd));
    assert_snapshot!(run.shown(), @r#"
    exit: 1
    ----- stdout -----
    2026-03-01T10:15:00Z	id-converse	ConverseStream	us.anthropic.claude-sonnet-4-6	12	4	$0.000106	assumed-role/Web/ann	How is the weather in Bern?
    2026-03-02T09:00:00Z	id-failed	InvokeModel	global.anthropic.claude-opus-4-6-v1	0	0	$0	assumed-role/Web/ann	ThrottlingException
    ----- stderr -----
    warning: a/empty.json.gz is empty
    warning: a/odd.json.gz, line 2 is no log record: missing field `schemaType` at column 7
    warning: a/odd.json.gz, line 3 is no log record: missing field `schemaType` at column 7
    warning: a/odd.json.gz, line 4 is no log record: missing field `schemaType` at column 7
    warning: a/odd.json.gz: and 997 more that could not be read
    warning: a/page.json.gz, line 1: neither gzip nor lines of JSON: it begins with `<?xml version="1.0"?>`
    2 calls | 12 tokens in, 4 out | cost $0.000106
    error: 1002 parts of the log could not be read; the rest was
    hint: an object that is cut off may have been copied in part: fetch it again
    "#);
}
