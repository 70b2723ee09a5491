//! HCL as a small tree whose every node knows the field it shows, and its text exactly as `terraform fmt` lays it out.
//!
//! The tree is printed here rather than through a decor pass over hcl-edit's, because each line has to know its
//! [`FieldPath`]; hcl-edit still writes every string, and the tests parse the text back with hcl-rs.

use hcl_edit::expr::Expression;
use hcl_edit::template::{Element, StringTemplate};
use serde_json::{Number, Value};

use crate::estate::{FieldPath, Line, Rendered};

/// Widest list that stays on one line, in characters.
const INLINE: usize = 80;

/// An expression, with the field whose value it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    what: What,
    path: Option<FieldPath>,
    remark: Option<String>,
}

/// A piece of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as it is.
    Text(String),
    /// An expression whose value stands here. Never text that AWS returned.
    Value(String),
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Scalar(Scalar),
    Raw(String),
    List(Vec<Expr>),
    Object(Vec<(String, Expr)>),
    Call(&'static str, Box<Expr>),
}

/// What is neither a list nor an object. JSON writes strings otherwise than HCL does, so its text never stands for one.
#[derive(Debug, Clone, PartialEq)]
enum Scalar {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
}

impl Expr {
    fn of(what: What) -> Self {
        Self { what, path: None, remark: None }
    }

    /// Any value: a list and an object become expressions, and every string within stays one.
    pub fn value(value: Value) -> Self {
        Self::of(match value {
            Value::Null => What::Scalar(Scalar::Null),
            Value::Bool(flag) => What::Scalar(Scalar::Bool(flag)),
            Value::Number(number) => What::Scalar(Scalar::Number(number)),
            Value::String(text) => What::Scalar(Scalar::Text(text)),
            Value::Array(items) => What::List(items.into_iter().map(Self::value).collect()),
            Value::Object(members) => {
                What::Object(members.into_iter().map(|(name, v)| (name, Self::value(v))).collect())
            }
        })
    }

    /// A string.
    pub fn text(text: &str) -> Self {
        Self::value(Value::from(text))
    }

    /// Text that is an expression already: a traversal, a template around traversals. Never text that AWS returned.
    pub fn raw(text: impl Into<String>) -> Self {
        Self::of(What::Raw(text.into()))
    }

    /// A list.
    pub fn list(items: Vec<Self>) -> Self {
        Self::of(What::List(items))
    }

    /// An object or map.
    pub fn object(entries: Vec<(String, Self)>) -> Self {
        Self::of(What::Object(entries))
    }

    /// A function call with one argument.
    pub fn call(function: &'static str, argument: Self) -> Self {
        Self::of(What::Call(function, Box::new(argument)))
    }

    /// A string of several pieces. A piece of text can neither end the string nor reach into the piece behind it.
    pub fn template(parts: &[Part]) -> Self {
        let mut merged: Vec<Part> = Vec::new();
        for part in parts {
            match (merged.last_mut(), part) {
                (Some(Part::Text(before)), Part::Text(text)) => before.push_str(text),
                (_, Part::Text(text)) if text.is_empty() => {}
                _ => merged.push(part.clone()),
            }
        }
        match merged.as_slice() {
            [] => Self::text(""),
            [Part::Text(text)] => Self::text(text),
            [Part::Value(value)] => Self::raw(value.clone()),
            pieces => {
                let inner: String = pieces
                    .iter()
                    .enumerate()
                    .map(|(at, piece)| match piece {
                        Part::Value(value) => format!("${{{value}}}"),
                        Part::Text(text) => literal_piece(text, at + 1 < pieces.len()),
                    })
                    .collect();
                Self::raw(format!("\"{inner}\""))
            }
        }
    }

    /// The same expression with a comment above the argument that it stands in.
    #[must_use]
    pub fn remark(mut self, text: impl Into<String>) -> Self {
        self.remark = Some(text.into());
        self
    }

    /// The comments of the expression and of all below it, with their fields.
    fn remarks(&self, out: &mut Vec<(String, Option<FieldPath>)>) {
        out.extend(self.remark.iter().map(|text| (text.clone(), self.path.clone())));
        match &self.what {
            What::List(items) => items.iter().for_each(|item| item.remarks(out)),
            What::Object(entries) => entries.iter().for_each(|(_, entry)| entry.remarks(out)),
            What::Call(_, argument) => argument.remarks(out),
            What::Scalar(_) | What::Raw(_) => {}
        }
    }

    /// The same expression as the value of a field.
    #[must_use]
    pub fn at(mut self, path: FieldPath) -> Self {
        self.path = Some(path);
        self
    }
}

/// One argument or nested block.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `name = value`.
    Argument(String, Expr),
    /// `name { ... }`.
    Block(Block),
    /// `# text`, for the field it speaks of.
    Comment(String, Option<FieldPath>),
}

/// A block: keyword, labels, content.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    /// `resource`, `import`, `network_configuration`.
    pub keyword: String,
    /// The quoted words behind the keyword.
    pub labels: Vec<String>,
    /// Content, in order.
    pub items: Vec<Item>,
    /// The field it shows.
    pub path: Option<FieldPath>,
}

impl Block {
    /// An empty block.
    pub fn new(keyword: &str, labels: &[&str]) -> Self {
        Self {
            keyword: keyword.into(),
            labels: labels.iter().map(|l| (*l).to_owned()).collect(),
            items: Vec::new(),
            path: None,
        }
    }

    /// Appends an argument, below the comments that its value carries.
    pub fn argument(&mut self, name: &str, value: Expr) {
        let mut remarks = Vec::new();
        value.remarks(&mut remarks);
        for (text, path) in remarks {
            self.comment(&text, path);
        }
        self.items.push(Item::Argument(name.into(), value));
    }

    /// Appends a nested block.
    pub fn block(&mut self, block: Self) {
        self.items.push(Item::Block(block));
    }

    /// Appends a comment line. Line breaks in the text cannot end the comment.
    pub fn comment(&mut self, text: &str, path: Option<FieldPath>) {
        self.items.push(Item::Comment(crate::estate::visible(text), path));
    }

    /// The block's text, as it stands at the left margin of a file.
    pub fn render(&self) -> Rendered {
        let mut lines = Vec::new();
        print_block(self, 0, &mut lines);
        Rendered::new(lines)
    }
}

/// Several blocks as one file: a blank line between them.
pub fn file<'a>(blocks: impl IntoIterator<Item = &'a Block>) -> Rendered {
    let mut out = Rendered::default();
    for block in blocks {
        if !out.lines().is_empty() {
            out.push(Line::plain(""));
        }
        out.extend(block.render());
    }
    out
}

fn line(text: String, path: Option<&FieldPath>) -> Line {
    Line { text, path: path.cloned(), closing: false }
}

fn closing(text: String, path: Option<&FieldPath>) -> Line {
    Line { text, path: path.cloned(), closing: true }
}

fn print_block(block: &Block, depth: usize, lines: &mut Vec<Line>) {
    let indent = "  ".repeat(depth);
    let mut head = format!("{indent}{}", block.keyword);
    for label in &block.labels {
        head.push(' ');
        head.push_str(&string(label));
    }
    if block.items.is_empty() {
        lines.push(line(format!("{head} {{}}"), block.path.as_ref()));
        return;
    }
    lines.push(line(format!("{head} {{"), block.path.as_ref()));
    let mut printed: Vec<Option<(&str, Vec<Line>)>> = block
        .items
        .iter()
        .map(|item| match item {
            Item::Argument(name, value) => Some((name.as_str(), print_expr(value, depth + 1))),
            _ => None,
        })
        .collect();
    let widths = columns(printed.iter().map(|p| p.as_ref().map(|(name, l)| (name.chars().count(), l.len()))));
    for (at, item) in block.items.iter().enumerate() {
        let after_block = at > 0 && matches!(block.items[at - 1], Item::Block(_));
        match item {
            Item::Comment(text, path) => {
                if after_block || next_is_block(&block.items[at..]) && at > 0 && !is_comment(&block.items[at - 1]) {
                    lines.push(Line::plain(""));
                }
                lines.push(line(format!("{indent}  # {text}"), path.as_ref()));
            }
            Item::Block(nested) => {
                if at > 0 && !is_comment(&block.items[at - 1]) {
                    lines.push(Line::plain(""));
                }
                print_block(nested, depth + 1, lines);
            }
            Item::Argument(..) => {
                if after_block {
                    lines.push(Line::plain(""));
                }
                let Some((name, value)) = printed[at].take() else { continue };
                push_entry(&format!("{indent}  {} = ", padded(name, widths[at])), value, "", lines);
            }
        }
    }
    lines.push(closing(format!("{indent}}}"), block.path.as_ref()));
}

fn is_comment(item: &Item) -> bool {
    matches!(item, Item::Comment(..))
}

/// True when the comments at the head of `items` belong to a block.
fn next_is_block(items: &[Item]) -> bool {
    matches!(items.iter().find(|i| !is_comment(i)), Some(Item::Block(_)))
}

/// `terraform fmt`'s rule: adjacent single-line rows share a column; a row of several lines, or anything else, ends the run.
fn columns(rows: impl Iterator<Item = Option<(usize, usize)>>) -> Vec<usize> {
    let rows: Vec<Option<(usize, usize)>> = rows.collect();
    let mut widths = vec![0; rows.len()];
    let mut start = 0;
    while start < rows.len() {
        let run = rows[start..].iter().take_while(|r| matches!(r, Some((_, 1)))).count();
        let width = rows[start..start + run].iter().flatten().map(|(w, _)| *w).max().unwrap_or(0);
        widths[start..start + run].fill(width);
        start += run.max(1);
    }
    widths
}

fn push_entry(lead: &str, mut value: Vec<Line>, tail: &str, lines: &mut Vec<Line>) {
    if let Some(first) = value.first_mut() {
        first.text.insert_str(0, lead);
    }
    if let Some(last) = value.last_mut() {
        last.text.push_str(tail);
    }
    lines.append(&mut value);
}

/// The lines of an expression; the first has no indentation, for it stands behind `name = `.
fn print_expr(expr: &Expr, depth: usize) -> Vec<Line> {
    let path = expr.path.as_ref();
    let indent = "  ".repeat(depth);
    match &expr.what {
        What::Scalar(Scalar::Text(text)) => vec![line(string(text), path)],
        What::Scalar(Scalar::Number(number)) => vec![line(number.to_string(), path)],
        What::Scalar(Scalar::Bool(flag)) => vec![line(flag.to_string(), path)],
        What::Scalar(Scalar::Null) => vec![line("null".into(), path)],
        What::Raw(text) => vec![line(text.clone(), path)],
        What::Call(function, argument) => {
            let mut lines = print_expr(argument, depth);
            if let Some(first) = lines.first_mut() {
                first.text.insert_str(0, &format!("{function}("));
                first.path = first.path.take().or_else(|| path.cloned());
            }
            if let Some(last) = lines.last_mut() {
                last.text.push(')');
            }
            lines
        }
        What::List(items) if items.is_empty() => vec![line("[]".into(), path)],
        What::Object(entries) if entries.is_empty() => vec![line("{}".into(), path)],
        What::List(items) => {
            let printed: Vec<Vec<Line>> = items.iter().map(|item| print_expr(item, depth + 1)).collect();
            let scalar = items.iter().all(|i| matches!(i.what, What::Scalar(_) | What::Raw(_)));
            let width: usize = printed.iter().map(|p| p[0].text.chars().count() + 2).sum();
            if scalar && (width <= INLINE || items.len() == 1) && items.len() <= 4 {
                let texts: Vec<&str> = printed.iter().map(|p| p[0].text.as_str()).collect();
                return vec![line(format!("[{}]", texts.join(", ")), path)];
            }
            let mut lines = vec![line("[".into(), path)];
            for value in printed {
                push_entry(&format!("{indent}  "), value, ",", &mut lines);
            }
            lines.push(closing(format!("{indent}]"), path));
            lines
        }
        What::Object(entries) => {
            let printed: Vec<(String, Vec<Line>)> =
                entries.iter().map(|(name, value)| (key(name), print_expr(value, depth + 1))).collect();
            let widths = columns(printed.iter().map(|(name, l)| Some((name.chars().count(), l.len()))));
            let mut lines = vec![line("{".into(), path)];
            for ((name, value), width) in printed.into_iter().zip(widths) {
                push_entry(&format!("{indent}  {} = ", padded(&name, width)), value, "", &mut lines);
            }
            lines.push(closing(format!("{indent}}}"), path));
            lines
        }
    }
}

/// A name filled up to a width with spaces. A format string takes no width above 65,535, and a label may be longer.
pub fn padded(name: &str, width: usize) -> String {
    name.to_owned() + &" ".repeat(width.saturating_sub(name.chars().count()))
}

/// An object key: bare when it is an identifier, quoted otherwise.
fn key(name: &str) -> String {
    let ascii = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let ident = ascii || hcl_edit::Ident::try_new(name).is_ok();
    let plain = ident && !matches!(name, "null" | "true" | "false" | "for");
    if plain { name.to_owned() } else { string(name) }
}

/// True for a text that needs no escape: most do not, and building a tree for each is half the time of printing.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
        && !bytes.windows(2).any(|pair| matches!(pair, b"${" | b"%{"))
}

/// A quoted string in which nothing is an interpolation.
///
/// hcl-primitives 0.1.13 escapes the second of two adjacent markers wrongly, so the literal is cut before each marker
/// and every piece is escaped on its own.
pub fn string(text: &str) -> String {
    if is_plain(text) {
        return format!("\"{text}\"");
    }
    if !(text.contains("${") || text.contains("%{")) {
        return Expression::from(text).to_string();
    }
    let mut template = StringTemplate::new();
    let bytes = text.as_bytes();
    let mut start = 0;
    for at in 1..bytes.len().saturating_sub(1) {
        if matches!(bytes[at], b'$' | b'%') && bytes[at + 1] == b'{' {
            template.push(Element::from(&text[start..at]));
            start = at;
        }
    }
    template.push(Element::from(&text[start..]));
    Expression::StringTemplate(template).to_string()
}

/// Text inside a quoted template. A `$` or `%` just before an interpolation would escape it: such an end is interpolated too.
fn literal_piece(text: &str, is_followed: bool) -> String {
    let inner = |text: &str| {
        let whole = string(text);
        whole.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or_default().to_owned()
    };
    let before = text.trim_end_matches(['$', '%']);
    let signs = &text[before.len()..];
    if signs.is_empty() || !is_followed {
        return inner(text);
    }
    format!("{}${{\"{signs}\"}}", inner(before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_label_may_be_longer_than_a_format_width() {
        let long = "x".repeat(70_000);
        let map = Expr::object(vec![(long.clone(), Expr::text("a")), ("b".into(), Expr::text("c"))]);
        let mut block = Block::new("locals", &[]);
        block.argument("map", map);
        assert!(block.render().text().contains(&format!("b{} = \"c\"", " ".repeat(69_999))));
    }

    #[test]
    fn a_string_never_interpolates() {
        assert_eq!(string("a"), r#""a""#);
        assert_eq!(string("${a}%${b}"), r#""$${a}%$${b}""#);
        assert_eq!(string("say \"hi\"\n"), r#""say \"hi\"\n""#);
        for text in ["${x}", "%{if}", "$${x}", "a\\b", "\u{1}", "é日", "${a}$${b}"] {
            let source = format!("x = {}\n", string(text));
            let body: hcl::Body = hcl::parse(&source).unwrap();
            let value: hcl::Value =
                hcl::eval::Evaluate::evaluate(body.attributes().next().unwrap().expr(), &hcl::eval::Context::new())
                    .unwrap();
            assert_eq!(value, hcl::Value::from(text), "{source}");
        }
    }

    #[test]
    fn no_json_text_is_code() {
        let value = json!({"x": ["${uuid()}", {"%{y": "\"${a}"}], "${k}": null, "n": [1.5, true, []]});
        let mut block = Block::new("b", &[]);
        block.argument("x", Expr::value(value.clone()));
        let body: hcl::Body = hcl::parse(&block.render().text()).unwrap();
        let expr = body.blocks().next().unwrap().body().attributes().next().unwrap().expr().clone();
        let back: hcl::Value = hcl::eval::Evaluate::evaluate(&expr, &hcl::eval::Context::new()).unwrap();
        assert_eq!(serde_json::to_value(back).unwrap(), value, "{}", block.render().text());
    }

    #[test]
    fn a_piece_of_text_stays_in_its_place() {
        let of = |text: &str| Expr::template(&[Part::Text(text.into()), Part::Value("var.x".into())]);
        for text in ["a", "a$", "$", "%", "$$", "a\"b", "${x}", "${", "%{", "x\\", "\n"] {
            let mut block = Block::new("b", &[]);
            block.argument("x", of(text));
            let body: hcl::Body = hcl::parse(&block.render().text()).unwrap();
            let mut context = hcl::eval::Context::new();
            context.declare_var("var", hcl::value!({ x = "V" }));
            let expr = body.blocks().next().unwrap().body().attributes().next().unwrap().expr().clone();
            let value: hcl::Value = hcl::eval::Evaluate::evaluate(&expr, &context).unwrap();
            assert_eq!(value, hcl::Value::from(format!("{text}V")), "{}", block.render().text());
        }
        // hcl-rs misreads this one; to Terraform and OpenTofu it is `a$${`, then the value.
        assert_eq!(of("a$${"), Expr::raw("\"a$$${${var.x}\""));
        assert_eq!(Expr::template(&[Part::Value("var.x".into())]), Expr::raw("var.x"));
        assert_eq!(Expr::template(&[Part::Text("a$".into()), Part::Text("{b".into())]), Expr::text("a${b"));
    }

    #[test]
    fn rows_align_as_terraform_fmt_does() {
        let mut block = Block::new("resource", &["aws_ecs_service", "web"]);
        block.argument("name", Expr::text("web"));
        block.argument("desired_count", Expr::value(json!(2)));
        block.argument("tags", Expr::object(vec![("a b".into(), Expr::text("1")), ("c".into(), Expr::text("2"))]));
        let mut nested = Block::new("timeouts", &[]);
        nested.path = Some("x".parse().unwrap());
        block.block(nested);
        assert_eq!(
            block.render().text(),
            "resource \"aws_ecs_service\" \"web\" {\n  name          = \"web\"\n  desired_count = 2\n  tags = {\n    \
             \"a b\" = \"1\"\n    c     = \"2\"\n  }\n\n  timeouts {}\n}\n"
        );
    }
}
