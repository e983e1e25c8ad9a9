//! What is told of a script that is none: line, field, and what was expected there.

use outcrop_local::Script;

#[test]
fn a_mistake_is_told_with_its_line_its_field_and_what_was_expected() {
    for (script, told) in [
        ("x = 1", "line 1, `x`: expected one of otherwise, rule, found this"),
        ("otherwise = \"maybe\"", "line 1, `otherwise`: expected \"mirror\" or \"refuse\", found \"maybe\""),
        ("rule = 3", "line 1, `rule`: expected a list of rules, each begun with [[rule]], found 3"),
        ("[[rule]]\nreply.text = \"x\"\n[[rule]]\n", "line 3, `rule.2`: expected a `reply`, found none"),
        (
            "[[rule]]\nwhen.turn = \"one\"\nreply.text = \"x\"",
            "line 2, `rule.1.when.turn`: expected a whole number, at least 1, found \"one\"",
        ),
        (
            "[[rule]]\nwhen.call = 0\nreply.text = \"x\"",
            "line 2, `rule.1.when.call`: expected a whole number, at least 1, found 0",
        ),
        (
            "[[rule]]\n\n[rule.when]\nmodle = \"x\"\n[rule.reply]\ntext = \"x\"",
            "line 4, `rule.1.when.modle`: expected one of model, text, turn, tool_result, stream, call, found this",
        ),
        (
            "[[rule]]\nwhen.text = { regex = \"(\" }\nreply.text = \"x\"",
            "line 2, `rule.1.when.text.regex`: expected a regular expression: ",
        ),
        (
            "[[rule]]\nwhen.text = 4\nreply.text = \"x\"",
            "line 2, `rule.1.when.text`: expected a string, { contains = \"...\" } or { regex = \"...\" }, found 4",
        ),
        (
            "[[rule]]\nreply.pace = 5",
            "line 2, `rule.1.reply`: expected one of thinking, text, json, tool_use, stop_reason, error: the reply says nothing",
        ),
        (
            "[[rule]]\nreply.text = \"x\"\nreply.json = 1",
            "line 3, `rule.1.reply.json`: `text` is there too: a reply has one of them",
        ),
        (
            "[[rule]]\nreply.text = \"x\"\nreply.delay = -1",
            "line 3, `rule.1.reply.delay`: expected a whole number, at least 0, found -1",
        ),
        (
            "[[rule]]\nreply.tool_use = [{ name = \"a\" },\n { nmae = \"b\" }]",
            "line 3, `rule.1.reply.tool_use.2.nmae`: expected one of name, input, id, found this",
        ),
        (
            "[[rule]]\nreply.tool_use = { name = \"a\", input = \"{\" }",
            "line 2, `rule.1.reply.tool_use.input`: expected a table or a string of JSON: ",
        ),
        (
            "[[rule]]\nreply.error = { code = \"Slow\" }",
            "line 2, `rule.1.reply.error.code`: expected a code of AWS's (ValidationException, ",
        ),
        (
            "[[rule]]\nreply.error = { code = \"Slow\", status = 200 }",
            "line 2, `rule.1.reply.error.status`: expected a whole number, at least 400, found 200",
        ),
        (
            "[[rule]]\nreply.text = \"x\"\nreply.error = { code = \"ThrottlingException\" }",
            "line 3, `rule.1.reply.error`: expected `after`, since the reply says something before it fails",
        ),
        (
            "[[rule]]\nreply.error = { code = \"ThrottlingException\", frame = \"event\" }",
            "line 2, `rule.1.reply.error`: expected `after` beside `frame`: only a fault inside a stream is framed",
        ),
        (
            "[[rule]]\nreply.text = \"x\"\nreply.cut = {}\nreply.bad_crc = {}",
            "line 4, `rule.1.reply.bad_crc`: expected one of `error`, `cut` and `bad_crc`, found several",
        ),
        ("[[rule]]\nreply.text = x", "line 2: "),
        ("[[rule]]\nreply.text = \"x\"\nreply.text = \"y\"", "line 3: "),
    ] {
        let Err(error) = Script::parse(script) else { panic!("{script}") };
        assert!(error.to_string().starts_with(told), "{error}\ninstead of\n{told}");
    }
}
