//! `outcrop ask`: the question from arguments and standard input; the answer on stdout, all else on stderr.

use std::io::pipe;

use insta::assert_snapshot;

use crate::program::{LOCAL_KEYS, Running, outcrop};

#[test]
fn a_question_is_answered_by_the_local_bedrock() {
    assert_snapshot!(outcrop(["ask", "--local", "Hello,", "world"]).shown(), @"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    Hello, world

    Model claude-opus-4-6, scope global, region us-east-1, 1 turn, at most 4096 tokens.
    ----- stderr -----
    answered by the local engine `mirror`, not Claude | 7 tokens in, 39 out | would cost $0.001010 | first token [TIME] | total [TIME] | request [ID]
    ");
}

#[test]
fn the_question_may_come_from_standard_input() {
    assert_snapshot!(outcrop(["ask", "--local", "-q"]).input("From a file\nof two lines\n").shown(), @"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    From a file
    of two lines

    Model claude-opus-4-6, scope global, region us-east-1, 1 turn, at most 4096 tokens.
    ");
}

#[test]
fn standard_input_is_added_to_the_question() {
    assert_snapshot!(outcrop(["ask", "--local", "-q", "explain"]).input("fn main() {}\n").shown(), @"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    explain

    fn main() {}

    Model claude-opus-4-6, scope global, region us-east-1, 1 turn, at most 4096 tokens.
    ");
}

#[test]
fn without_a_question_there_is_nothing_to_ask() {
    let shown = outcrop(["ask", "--local"]).shown();
    assert_snapshot!(shown, @r#"
    exit: 2
    ----- stderr -----
    error: there is nothing to ask: no prompt and nothing on standard input
    hint: outcrop ask "Hello, world"
    "#);
    for (arguments, input) in
        [(&["ask", "--local"][..], ""), (&["ask", "--local"], " \n\n"), (&["ask", "--local", " "], "")]
    {
        assert_eq!(outcrop(arguments.iter().copied()).input(input).shown(), shown);
    }
}

#[test]
fn input_that_is_no_text_is_refused() {
    assert_snapshot!(outcrop(["ask", "--local", "explain"]).input(&b"\xff\xfe"[..]).shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot read standard input: it is not UTF-8
    hint: -f - takes images and PDFs
    ");
}

#[test]
fn the_whole_answer_may_be_waited_for() {
    assert_snapshot!(outcrop(["ask", "--local", "--no-stream", "Hello"]).shown(), @"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    Hello

    Model claude-opus-4-6, scope global, region us-east-1, 1 turn, at most 4096 tokens.
    ----- stderr -----
    answered by the local engine `mirror`, not Claude | 6 tokens in, 37 out | would cost $0.000955 | total [TIME] | request [ID]
    ");
}

#[test]
fn the_message_may_be_had_as_json() {
    assert_snapshot!(outcrop(["ask", "--local", "--json", "Hello"]).shown(), @r#"
    exit: 0
    ----- stdout -----
    {"model":"claude-opus-4-6","id":"msg_bdrk_01[ID]","type":"message","role":"assistant","content":[{"type":"text","text":"This is Outcrop's local engine, not Claude. It received:\n\nHello\n\nModel claude-opus-4-6, scope global, region us-east-1, 1 turn, at most 4096 tokens."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":6,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":37}}
    ----- stderr -----
    answered by the local engine `mirror`, not Claude | 6 tokens in, 37 out | would cost $0.000955 | first token [TIME] | total [TIME] | request [ID]
    "#);
    let both = ["--no-stream", "-q"].map(|flag| {
        let output = outcrop(["ask", "--local", "--json", flag, "Hello"]).output();
        let message: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (message["content"].clone(), message["usage"].clone())
    });
    assert_eq!(both[0], both[1], "streamed or not, the message is the same");
}

#[test]
fn quiet_leaves_the_answer_and_warnings() {
    let quiet = outcrop(["ask", "--local", "--quiet", "Hello"]).output();
    assert!(quiet.status.success() && quiet.stderr.is_empty());
    let loud = outcrop(["ask", "--local", "Hello"]).output();
    assert_eq!(quiet.stdout, loud.stdout);
    let cut = outcrop(["ask", "--local", "-q", "--max-tokens", "3", "Hello"]).output();
    assert_eq!(String::from_utf8_lossy(&cut.stderr), "warning: the answer was cut at --max-tokens\n");
}

#[test]
fn an_answer_that_is_cut_says_so() {
    assert_snapshot!(outcrop(["ask", "--local", "--max-tokens", "3", "Hello"]).shown(), @"
    exit: 0
    ----- stdout -----
    This is Outc
    ----- stderr -----
    answered by the local engine `mirror`, not Claude | 6 tokens in, 3 out | would cost $0.000105 | first token [TIME] | total [TIME] | request [ID]
    warning: the answer was cut at --max-tokens
    ");
}

#[test]
fn verbose_tells_what_was_decided_and_tried() {
    assert_snapshot!(outcrop(["ask", "--local", "-v", "--model", "us.sonnet", "--system", "Be brief", "Hello"]).shown(), @"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    Hello

    Model claude-sonnet-4-6, scope us, region us-east-1, 1 turn, at most 4096 tokens, a system prompt of 8 characters.
    ----- stderr -----
    credentials: keys of the local Bedrock
    region us-east-1: from the command line (--region, --local)
    host bedrock-runtime.us-east-1.amazonaws.com: from the region's template
    model claude-sonnet-4-6 in scope us: us.anthropic.claude-sonnet-4-6
    anthropic_version bedrock-2023-05-31: InvokeModel takes it (AWS user guide, model-parameters-anthropic-claude-messages-request-response)
    model: the model travels in the path on InvokeModel
    stream: the wish for a stream travels in the path on InvokeModel
    attempt 1: answered, after [TIME]
    answered by the local engine `mirror`, not Claude | 8 tokens in, 45 out | would cost $0.000769 | first token [TIME] | total [TIME] | request [ID]
    ");
}

#[test]
fn a_model_that_is_not_there_fails_the_call() {
    assert_snapshot!(outcrop(["ask", "--local", "--model", "anthropic.claude-nova-9", "Hello"]).shown(), @"
    exit: 1
    ----- stderr -----
    error: cannot call anthropic.claude-nova-9 on bedrock-runtime.us-east-1.amazonaws.com: ValidationException (400): The provided model identifier is invalid.
    request id: [ID]
    hint: check the model id and that the region offers it
    ");
}

#[test]
fn a_dry_run_shows_the_request_and_its_reasons() {
    assert_snapshot!(outcrop(["ask", "--local", "--dry-run", "--model", "haiku", "--system", "Be brief", "Hello"]).shown(), @r#"
    exit: 0
    ----- stdout -----
    POST https://bedrock-runtime.us-east-1.amazonaws.com/model/global.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke-with-response-stream
    host: bedrock-runtime.us-east-1.amazonaws.com
    content-type: application/json
    x-amzn-bedrock-accept: application/json
    user-agent: outcrop/[VERSION]
    x-amz-date: [DATE]
    authorization: AWS4-HMAC-SHA256 Credential=AKIAOUTCROPLOCALTEST/[DAY]/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=***

    {"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"system":"Be brief","messages":[{"role":"user","content":"Hello"}]}
    ----- stderr -----
    plan: surface InvokeModel: it has the model and what is needed
    plan: model claude-haiku-4-5 in scope global: global.anthropic.claude-haiku-4-5-20251001-v1:0
    plan: anthropic_version bedrock-2023-05-31: InvokeModel takes it (AWS user guide, model-parameters-anthropic-claude-messages-request-response)
    plan: model: the model travels in the path on InvokeModel
    plan: stream: the wish for a stream travels in the path on InvokeModel
    "#);
}

#[test]
fn a_dry_run_hides_every_secret() {
    let run = outcrop(["ask", "--dry-run", "--no-stream", "Hello"]).envs(LOCAL_KEYS).env("AWS_SESSION_TOKEN", "hidden");
    assert_snapshot!(run.shown(), @r#"
    exit: 0
    ----- stdout -----
    POST https://bedrock-runtime.us-east-1.amazonaws.com/model/global.anthropic.claude-opus-4-6-v1/invoke
    host: bedrock-runtime.us-east-1.amazonaws.com
    content-type: application/json
    accept: application/json
    user-agent: outcrop/[VERSION]
    x-amz-date: [DATE]
    x-amz-security-token: ***
    authorization: AWS4-HMAC-SHA256 Credential=AKIAOUTCROPLOCALTEST/[DAY]/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=***

    {"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":"Hello"}]}
    ----- stderr -----
    plan: surface InvokeModel: it has the model and what is needed
    plan: anthropic_version bedrock-2023-05-31: InvokeModel takes it (AWS user guide, model-parameters-anthropic-claude-messages-request-response)
    plan: model: the model travels in the path on InvokeModel
    plan: stream: the wish for a stream travels in the path on InvokeModel
    "#);
    let run = outcrop(["ask", "--dry-run", "-q", "Hello"]);
    let run = run.env("AWS_BEARER_TOKEN_BEDROCK", "ABSKhidden").env("AWS_REGION", "eu-west-1");
    assert_snapshot!(run.shown(), @r#"
    exit: 0
    ----- stdout -----
    POST https://bedrock-runtime.eu-west-1.amazonaws.com/model/global.anthropic.claude-opus-4-6-v1/invoke-with-response-stream
    host: bedrock-runtime.eu-west-1.amazonaws.com
    content-type: application/json
    x-amzn-bedrock-accept: application/json
    user-agent: outcrop/[VERSION]
    authorization: Bearer ***

    {"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":"Hello"}]}
    "#);
}

#[test]
fn a_dry_run_needs_no_credentials() {
    let shown = outcrop(["ask", "--dry-run", "--region", "us-east-1", "Hello"]).shown();
    // What was tried depends on how the program was built.
    let tried = shown.lines().find(|line| line.starts_with("warning: ")).unwrap_or_default();
    assert!(
        tried.contains("cannot find AWS credentials") && tried.ends_with("; the request is shown unsigned"),
        "{shown}"
    );
    assert_snapshot!(shown.replace(tried, "warning: [TRIED]"), @r#"
    exit: 0
    ----- stdout -----
    POST https://bedrock-runtime.us-east-1.amazonaws.com/model/global.anthropic.claude-opus-4-6-v1/invoke-with-response-stream
    host: bedrock-runtime.us-east-1.amazonaws.com
    content-type: application/json
    x-amzn-bedrock-accept: application/json
    user-agent: outcrop/[VERSION]

    {"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":"Hello"}]}
    ----- stderr -----
    warning: [TRIED]
    plan: surface InvokeModel: it has the model and what is needed
    plan: anthropic_version bedrock-2023-05-31: InvokeModel takes it (AWS user guide, model-parameters-anthropic-claude-messages-request-response)
    plan: model: the model travels in the path on InvokeModel
    plan: stream: the wish for a stream travels in the path on InvokeModel
    "#);
}

#[test]
fn without_credentials_it_says_what_was_tried() {
    let shown = outcrop(["ask", "--region", "us-east-1", "Hello"]).shown();
    if cfg!(feature = "aws-config") {
        assert_snapshot!(shown, @"
        exit: 2
        ----- stderr -----
        error: cannot find AWS credentials: tried AWS_BEARER_TOKEN_BEDROCK, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (not set); AWS profile default (no keys); web identity (AWS_WEB_IDENTITY_TOKEN_FILE not set); container (AWS_CONTAINER_CREDENTIALS_* not set); instance metadata (AWS_EC2_METADATA_DISABLED)
        hint: set AWS_BEARER_TOKEN_BEDROCK to a Bedrock API key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`
        ");
    } else {
        assert_snapshot!(shown, @"
        exit: 2
        ----- stderr -----
        error: cannot find AWS credentials: tried AWS_BEARER_TOKEN_BEDROCK, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (not set); AWS profile default (no keys); SSO, roles and instance metadata need the feature `aws-config`, which is off
        hint: set AWS_BEARER_TOKEN_BEDROCK to a Bedrock API key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws sso login` counts in a build with the feature `aws-config`
        ");
    }
}

#[test]
fn without_a_region_it_says_what_was_tried() {
    let shown = outcrop(["ask", "Hello"]).shown();
    assert_snapshot!(shown, @"
    exit: 2
    ----- stderr -----
    error: cannot find where to call: no AWS region: tried --region, AWS_REGION, AWS_DEFAULT_REGION and `region` of AWS profile default
    hint: set AWS_REGION, us-east-1 for example: calls are signed for a region, whatever their URL
    ");
    assert_eq!(outcrop(["ask", "--dry-run", "Hello"]).shown(), shown);
}

#[test]
fn an_unknown_profile_is_told_with_the_files_that_were_read() {
    let run = outcrop(["ask", "--profile", "play", "Hello"]).file(".aws/config", "[default]\nregion = eu-west-1\n");
    assert_snapshot!(run.shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot read the AWS profile: AWS profile play is neither in [HOME]/.aws/config nor in [HOME]/.aws/credentials
    hint: the files have default; check the name, or AWS_PROFILE where none was given
    ");
}

#[test]
fn a_profile_gives_region_and_keys() {
    let run = outcrop(["ask", "--dry-run", "--no-stream", "-q", "--profile", "work", "Hello"])
        .file(".aws/config", "[profile work]\nregion = eu-central-1\n")
        .file(".aws/credentials", "[work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = hidden\n")
        .env("AWS_ACCESS_KEY_ID", "AKIDENV")
        .env("AWS_SECRET_ACCESS_KEY", "hidden");
    let shown = run.shown();
    assert!(shown.contains("POST https://bedrock-runtime.eu-central-1.amazonaws.com/model/"), "{shown}");
    assert!(shown.contains("Credential=AKIDWORK/") && !shown.contains("hidden"), "{shown}");
}

#[test]
fn a_malformed_file_is_told_with_its_line() {
    let run = outcrop(["ask", "Hello"]).file(".aws/config", "[default]\nregion = eu-west-1\n[profile work\n");
    assert_snapshot!(run.shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot find AWS credentials: cannot read AWS file [HOME]/.aws/config, line 3: expected `]` at the end of the section header
    hint: mend the line, or name another file: AWS_CONFIG_FILE
    ");
}

#[test]
fn an_endpoint_url_that_is_none_is_told() {
    let run = outcrop(["ask", "--endpoint-url", "localhost:9473", "Hello"]).envs(LOCAL_KEYS);
    assert_snapshot!(run.shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot find where to call: cannot use the endpoint from --endpoint-url: it does not begin with http:// or https://
    hint: an endpoint URL is scheme, host and perhaps port and path: https://gateway.example.com/bedrock
    ");
}

#[test]
fn a_refused_call_fails_with_its_id_and_a_hint() {
    let (_server, address) = Running::local(&[]);
    let run = outcrop(["ask", "--endpoint-url", &format!("http://{address}"), "Hello"])
        .envs(LOCAL_KEYS)
        .env("AWS_SECRET_ACCESS_KEY", "wrong");
    assert_snapshot!(run.shown(), @"
    exit: 4
    ----- stderr -----
    error: cannot call global.anthropic.claude-opus-4-6-v1 on 127.0.0.1:[PORT]: InvalidSignatureException (403): The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.
    request id: [ID]
    hint: check the secret access key; a proxy that changes the path or headers breaks signatures too
    ");
}

/// `outcrop ask ... | head`: whoever reads may go.
#[test]
fn a_reader_that_has_gone_is_no_failure() {
    for arguments in [
        &["ask", "--local", "Hello"][..],
        &["ask", "--local", "--no-stream", "Hello"],
        &["ask", "--local", "--json", "Hello"],
        &["ask", "--local", "--dry-run", "Hello"],
        &["local", "--env"],
        &["local", "--listen", "127.0.0.1:0"],
    ] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let output = outcrop(arguments.iter().copied()).stdout(writer).output();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("error"), "{arguments:?}: {stderr}");
    }
}
