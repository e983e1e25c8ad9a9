//! Lines of files of batch jobs: what is asked, and what came of it. The tests of the program take them from here too.

use serde_json::{Value, json};

pub(crate) fn asked(id: &str) -> Value {
    json!({"recordId": id, "modelInput": {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9,
        "messages": [{"role": "user", "content": format!("What is {id}?")}]}})
}

pub(crate) fn answered(id: &str) -> Value {
    let mut line = asked(id);
    line["modelOutput"] = json!({"id": "msg_bdrk_1", "type": "message", "role": "assistant", "model": "claude-haiku-4-5",
        "content": [{"type": "text", "text": format!("{id} is a mineral.")}], "stop_reason": "end_turn",
        "stop_sequence": null, "usage": {"input_tokens": 1000, "output_tokens": 100}});
    line
}

pub(crate) fn refused(id: &str) -> Value {
    let mut line = asked(id);
    line["error"] = json!({"errorCode": 400, "errorMessage": "bad request"});
    line
}

pub(crate) fn manifest(total: u64, answered: u64, failed: u64) -> String {
    json!({"totalRecordCount": total, "processedRecordCount": answered + failed, "successRecordCount": answered,
        "errorRecordCount": failed, "inputTokenCount": 1000 * answered, "outputTokenCount": 100 * answered})
    .to_string()
}

pub(crate) fn file(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}
