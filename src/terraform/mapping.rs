//! What a mapping table is made of. One `static` per Terraform type; it nests like the HCL it makes.
//!
//! A row says which member of the API's answer is which argument and by which rule it is written. Export, drift,
//! verify and the coverage test read the same rows; there is no second list of fields.

use serde_json::Value;

use super::dialect::Dialect;
use super::form::Form;
use super::reads::Reads;
use crate::estate::{Kind, Scope};

/// The mapping of one Terraform type.
#[derive(Debug)]
pub struct TypeMap {
    /// For example `aws_ecs_service`.
    pub terraform_type: &'static str,
    /// The documents it reads.
    pub kind: Kind,
    /// The oldest dialect that has the type.
    pub since: Dialect,
    /// The file of an export in which its resources stand.
    pub file: &'static str,
    /// Its rows.
    pub rows: &'static [Row],
}

/// One row: a member (or several, when they are read-only) and what becomes of it.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What becomes of the member.
    pub what: What,
    /// The oldest dialect in which the row holds.
    pub since: Dialect,
    /// The newest dialect in which the row holds.
    pub until: Dialect,
}

/// What becomes of a member.
#[derive(Debug, Clone, Copy)]
pub enum What {
    /// It is an argument.
    Arg(Arg),
    /// It is a nested block.
    Block(Nested),
    /// It is a key inside a JSON argument, under the API's own name.
    Key(Key),
    /// AWS tells it; nobody can set it. Covers everything below.
    ReadOnly(&'static [&'static str]),
    /// The provider has no argument for it: a comment in the HCL and a row in the review. The last is the value that an
    /// absent member means too, which is no loss.
    NotRepresentable(&'static str, &'static str, Literal),
    /// Already written by another row of another table, which reads the same document to name its parent.
    Naming(Arg),
}

/// How an argument's value looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A string, number or boolean, as it comes.
    Scalar,
    /// A list of scalars, in the API's order.
    List,
    /// A set of scalars: order does not count, so it is written sorted.
    Set,
    /// A map of strings.
    Map,
    /// A list of `key`/`value` (or `name`/`value`) pairs that becomes a map of strings.
    Pairs,
    /// `jsonencode([...])` of container definitions.
    Containers,
}

/// What a value of the type that its row reads is translated by. `None` means that the argument is absent.
pub type Through = fn(&Value, &Context<'_>) -> Option<Value>;

/// What a translation may look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The whole document.
    pub root: &'a Value,
    /// Account and region.
    pub scope: &'a Scope,
    /// For which generation of the provider.
    pub dialect: Dialect,
}

/// A default or a value that Terraform treats as equal to an absent one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// The schema has no default.
    None,
    /// A number.
    Int(i64),
    /// A boolean.
    Bool(bool),
    /// A string.
    Text(&'static str),
    /// A string of an enumeration: the empty string is none of its values, so an absent member cannot be written.
    Word(&'static str),
}

impl Literal {
    /// As JSON.
    pub fn value(self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Int(n) => n.into(),
            Self::Bool(b) => b.into(),
            Self::Text(t) | Self::Word(t) => t.into(),
        }
    }
}

/// What an argument's value names inside an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// `aws_ecs_cluster.x.arn`.
    ClusterArn,
    /// `aws_ecs_cluster.x.name`.
    ClusterName,
    /// `"${aws_ecs_task_definition.x.family}:${aws_ecs_task_definition.x.revision}"`.
    Revision,
    /// `aws_ecs_capacity_provider.x.name`.
    CapacityProvider,
    /// `"service/${aws_ecs_cluster.c.name}/${aws_ecs_service.s.name}"`.
    ScalingResource,
    /// The same argument of the scalable target.
    OfScalableTarget,
}

/// A reason to leave an argument out although the state holds a value for it.
#[derive(Debug, Clone, Copy)]
pub struct Omission {
    /// When.
    pub when: fn(&Value, &Context<'_>) -> bool,
    /// The rule of the provider that makes it harmless.
    pub rule: &'static str,
}

/// One argument.
#[derive(Debug, Clone, Copy)]
pub struct Arg {
    /// The argument's name.
    pub name: &'static str,
    /// The member's path from the shape the table (or block) reads; dots and selectors.
    pub member: &'static str,
    /// How its value looks.
    pub shape: Shape,
    /// Always written, also when zero.
    pub required: bool,
    /// The schema's default.
    pub default: Literal,
    /// What AWS takes for granted when it is absent, where the schema has no default: written nowhere, missed nowhere.
    pub granted: Literal,
    /// Zero and absent are different: written whenever present.
    pub nullable: bool,
    /// The JSON type of the value in the API's answer; for a list or a set, of each element.
    pub reads: Reads,
    /// Translation of the value.
    pub through: Option<Through>,
    /// What it names.
    pub target: Option<Target>,
    /// When it is left out although it has a value.
    pub omit: Option<Omission>,
    /// What the provider takes as its value; for a list or a set, as each element.
    pub form: Form,
    /// The same for provider 3.39.
    pub form_v3: Form,
    /// Optional and Computed: a value that the provider would refuse can be left out, and nothing changes.
    pub computed: bool,
}

impl Arg {
    /// What the provider of a dialect takes as its value.
    pub fn form_in(&self, dialect: Dialect) -> Form {
        if dialect == Dialect::V3 { self.form_v3 } else { self.form }
    }
}

/// How often a nested block may occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Many {
    /// The member is an object: at most one block.
    One,
    /// The member is a list: a block each, in order.
    List,
    /// The member is a list whose order does not count.
    Set,
}

/// One nested block.
#[derive(Debug, Clone, Copy)]
pub struct Nested {
    /// The block's name.
    pub name: &'static str,
    /// The member's path.
    pub member: &'static str,
    /// How often.
    pub many: Many,
    /// Left out when every member is zero or default: the provider suppresses its absence.
    pub suppressed: bool,
    /// A fixed block without content and without a member: `timeouts {}`.
    pub fixed: bool,
    /// At most this many; more is not representable.
    pub max: usize,
    /// The provider requires it.
    pub required: bool,
    /// Left out, with everything below, although it has a value.
    pub omit: Option<Omission>,
    /// Its rows.
    pub rows: &'static [Row],
}

/// What the provider's own equivalence of container definitions treats as absent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Same {
    /// Nothing: every spelling counts.
    Nothing,
    /// The number 0.
    Zero,
    /// The zero of a Go value that is no pointer, 0 or "": no difference, but concise code keeps it, since one who reads
    /// a limit of 0 wants to see it.
    Unset,
    /// An empty list; from the v5 generation on also one of empty objects. A list of empty strings is none.
    EmptyList,
    /// This value.
    Value(Literal),
    /// This value, from the v5 generation on.
    Since5(Literal),
    /// 0, or under awsvpc the container port.
    HostPort,
}

/// One key inside a JSON argument.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The API's name.
    pub member: &'static str,
    /// Keys below; empty for scalars, lists of scalars and free maps.
    pub rows: &'static [Row],
    /// What `--concise` may drop.
    pub same: Same,
    /// The JSON type that the provider reads.
    pub form: Form,
}

impl Key {
    /// True when the provider's own equivalence takes this value for an absent key (rule 3). `container_port` is what
    /// stands beside a `hostPort`; `is_awsvpc` says that the network mode gives every container its own address.
    pub fn is_absent(&self, value: &Value, container_port: Option<&Value>, dialect: Dialect, is_awsvpc: bool) -> bool {
        let zero = value.as_f64() == Some(0.0) || *value == "";
        let equals = |literal: Literal| super::equal(value, &literal.value());
        match self.same {
            Same::Nothing => false,
            Same::Zero | Same::Unset => zero,
            Same::EmptyList => value.as_array().is_some_and(|elements| {
                elements.is_empty()
                    || dialect > Dialect::V3 && elements.iter().all(|one| one.is_object() && super::is_zero(one))
            }),
            Same::Value(literal) => equals(literal) || matches!(literal, Literal::Text(_)) && zero,
            Same::Since5(literal) => dialect > Dialect::V3 && equals(literal),
            Same::HostPort => zero || is_awsvpc && container_port.is_some_and(|port| super::equal(port, value)),
        }
    }
}

const fn row(what: What) -> Row {
    Row { what, since: Dialect::V3, until: Dialect::V6 }
}

const fn arg_of(name: &'static str, member: &'static str, shape: Shape) -> Arg {
    Arg {
        name,
        member,
        shape,
        required: false,
        default: Literal::None,
        granted: Literal::None,
        nullable: false,
        reads: Reads::Scalar,
        through: None,
        target: None,
        omit: None,
        form: Form::Any,
        form_v3: Form::Any,
        computed: false,
    }
}

/// A scalar argument.
pub const fn arg(name: &'static str, member: &'static str) -> Row {
    row(What::Arg(arg_of(name, member, Shape::Scalar)))
}

/// An argument that names the parent and whose member another table owns.
pub const fn naming(name: &'static str, member: &'static str) -> Row {
    let mut arg = arg_of(name, member, Shape::Scalar);
    arg.required = true;
    row(What::Naming(arg))
}

/// A list argument.
pub const fn list(name: &'static str, member: &'static str) -> Row {
    row(What::Arg(arg_of(name, member, Shape::List)))
}

/// A set argument.
pub const fn set(name: &'static str, member: &'static str) -> Row {
    row(What::Arg(arg_of(name, member, Shape::Set)))
}

/// A map argument.
pub const fn map(name: &'static str, member: &'static str) -> Row {
    row(What::Arg(arg_of(name, member, Shape::Map)))
}

/// A map argument from a list of pairs.
pub const fn pairs(name: &'static str, member: &'static str) -> Row {
    row(What::Arg(arg_of(name, member, Shape::Pairs)))
}

/// The `tags` argument.
pub const fn tags() -> Row {
    pairs("tags", "tags")
}

/// The JSON argument of container definitions.
pub const fn containers(name: &'static str, member: &'static str) -> Row {
    let mut arg = arg_of(name, member, Shape::Containers);
    arg.required = true;
    row(What::Arg(arg))
}

const fn nested(name: &'static str, member: &'static str, many: Many, rows: &'static [Row]) -> Row {
    row(What::Block(Nested {
        name,
        member,
        many,
        suppressed: false,
        fixed: false,
        max: usize::MAX,
        required: false,
        omit: None,
        rows,
    }))
}

/// A block from an object.
pub const fn block(name: &'static str, member: &'static str, rows: &'static [Row]) -> Row {
    nested(name, member, Many::One, rows)
}

/// A block per element, in order.
pub const fn blocks(name: &'static str, member: &'static str, rows: &'static [Row]) -> Row {
    nested(name, member, Many::List, rows)
}

/// A block per element, in any order.
pub const fn block_set(name: &'static str, member: &'static str, rows: &'static [Row]) -> Row {
    nested(name, member, Many::Set, rows)
}

/// A block without content that is always written.
pub const fn fixed_block(name: &'static str) -> Row {
    row(What::Block(Nested {
        name,
        member: "",
        many: Many::One,
        suppressed: false,
        fixed: true,
        max: 1,
        required: false,
        omit: None,
        rows: &[],
    }))
}

/// A string inside a JSON argument; [`Row::form`] makes it another scalar, a list of strings or a free map.
pub const fn key(member: &'static str) -> Row {
    row(What::Key(Key { member, rows: &[], same: Same::Nothing, form: Form::Text }))
}

/// An object inside a JSON argument.
pub const fn keys(member: &'static str, rows: &'static [Row]) -> Row {
    row(What::Key(Key { member, rows, same: Same::Nothing, form: Form::Object }))
}

/// A list of objects inside a JSON argument.
pub const fn keys_each(member: &'static str, rows: &'static [Row]) -> Row {
    row(What::Key(Key { member, rows, same: Same::Nothing, form: Form::Objects }))
}

/// Members that only AWS sets.
pub const fn read_only(members: &'static [&'static str]) -> Row {
    row(What::ReadOnly(members))
}

/// A member for which the provider has no argument.
pub const fn not_representable(member: &'static str, why: &'static str) -> Row {
    row(What::NotRepresentable(member, why, Literal::None))
}

impl Row {
    const fn with_arg(self, change: Arg) -> Self {
        let what = match self.what {
            What::Naming(_) => What::Naming(change),
            _ => What::Arg(change),
        };
        Self { what, ..self }
    }

    const fn as_arg(self) -> Arg {
        match self.what {
            What::Arg(arg) | What::Naming(arg) => arg,
            // Builders for arguments on another kind of row are a mistake in a table; the tables' test finds them.
            _ => arg_of("", "", Shape::Scalar),
        }
    }

    const fn as_nested(self) -> Nested {
        match self.what {
            What::Block(nested) => nested,
            _ => Nested {
                name: "",
                member: "",
                many: Many::One,
                suppressed: false,
                fixed: false,
                max: 0,
                required: false,
                omit: None,
                rows: &[],
            },
        }
    }

    /// Always written, also when zero; a block that the provider requires.
    pub const fn required(self) -> Self {
        if let What::Block(mut nested) = self.what {
            nested.required = true;
            return Self { what: What::Block(nested), ..self };
        }
        let mut arg = self.as_arg();
        arg.required = true;
        self.with_arg(arg)
    }

    /// Written whenever present: 0 and absent are different.
    pub const fn nullable(self) -> Self {
        let mut arg = self.as_arg();
        arg.nullable = true;
        self.with_arg(arg)
    }

    /// What the provider takes as the value.
    pub const fn form(self, form: Form) -> Self {
        if let What::Key(key) = self.what {
            return Self { what: What::Key(Key { form, ..key }), ..self };
        }
        let mut arg = self.as_arg();
        arg.form = form;
        arg.form_v3 = form;
        self.with_arg(arg)
    }

    /// What provider 3.39 takes as the value, where that differs; after [`Row::form`].
    pub const fn form_v3(self, form: Form) -> Self {
        let mut arg = self.as_arg();
        arg.form_v3 = form;
        self.with_arg(arg)
    }

    /// Optional and Computed: a value that the provider would refuse is left out with a comment.
    pub const fn computed(self) -> Self {
        let mut arg = self.as_arg();
        arg.computed = true;
        self.with_arg(arg)
    }

    /// The schema's default.
    pub const fn default(self, default: Literal) -> Self {
        let mut arg = self.as_arg();
        arg.default = default;
        self.with_arg(arg)
    }

    /// Translated on its way, from a value of this type.
    pub const fn through(self, reads: Reads, through: Through) -> Self {
        let mut arg = self.as_arg();
        arg.reads = reads;
        arg.through = Some(through);
        self.with_arg(arg)
    }

    /// Names another resource.
    pub const fn reference(self, target: Target) -> Self {
        let mut arg = self.as_arg();
        arg.target = Some(target);
        self.with_arg(arg)
    }

    /// Left out in some case, for a reason.
    pub const fn omit(self, when: fn(&Value, &Context<'_>) -> bool, rule: &'static str) -> Self {
        if let What::Block(_) = self.what {
            let mut nested = self.as_nested();
            nested.omit = Some(Omission { when, rule });
            return Self { what: What::Block(nested), ..self };
        }
        let mut arg = self.as_arg();
        arg.omit = Some(Omission { when, rule });
        self.with_arg(arg)
    }

    /// A block whose absence the provider suppresses when its members are zero or default.
    pub const fn suppressed(self) -> Self {
        let mut nested = self.as_nested();
        nested.suppressed = true;
        Self { what: What::Block(nested), ..self }
    }

    /// A block that may occur at most this often.
    pub const fn at_most(self, max: usize) -> Self {
        let mut nested = self.as_nested();
        nested.max = max;
        Self { what: What::Block(nested), ..self }
    }

    /// What `--concise` may drop.
    pub const fn same_as_absent(self, same: Same) -> Self {
        match self.what {
            What::Key(key) => Self { what: What::Key(Key { same, ..key }), ..self },
            _ => self,
        }
    }

    /// The value that an absent member means too, where no schema says so.
    pub const fn granted(self, granted: Literal) -> Self {
        match self.what {
            What::Arg(mut arg) => {
                arg.granted = granted;
                self.with_arg(arg)
            }
            What::NotRepresentable(member, why, _) => {
                Self { what: What::NotRepresentable(member, why, granted), ..self }
            }
            _ => self,
        }
    }

    /// Holds from this dialect on.
    pub const fn since(self, since: Dialect) -> Self {
        Self { since, ..self }
    }

    /// Holds up to this dialect.
    pub const fn until(self, until: Dialect) -> Self {
        Self { until, ..self }
    }

    /// True when the row holds in a dialect.
    pub fn holds(&self, dialect: Dialect) -> bool {
        self.since <= dialect && dialect <= self.until
    }

    /// True for a value that an absent argument means too: zero, or the default.
    pub fn takes_for_granted(&self, value: &Value) -> bool {
        super::is_zero(value)
            || match self.what {
                What::Arg(arg) => [arg.default.value(), arg.granted.value()].contains(value),
                What::NotRepresentable(_, _, granted) => granted.value() == *value,
                _ => false,
            }
    }

    /// The paths of the members the row speaks of, relative to its shape.
    pub fn members(&self) -> &[&'static str] {
        match &self.what {
            What::Arg(arg) | What::Naming(arg) => std::slice::from_ref(&arg.member),
            What::Block(block) if block.fixed => &[],
            What::Block(block) => std::slice::from_ref(&block.member),
            What::Key(key) => std::slice::from_ref(&key.member),
            What::ReadOnly(members) => members,
            What::NotRepresentable(member, ..) => std::slice::from_ref(member),
        }
    }
}
