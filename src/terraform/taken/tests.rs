use super::*;
use crate::estate::{Kind, ResourceId};
use serde_json::json;

fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

fn read(files: &[(&str, &str)]) -> Taken {
    Taken::read(&files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()).unwrap()
}

fn hold(taken: &mut Taken, resources: &serde_json::Value) {
    let state = json!({"version": 4, "terraform_version": "1.15.5", "serial": 1, "resources": resources});
    taken.hold(&State::parse(&state.to_string()).unwrap(), "terraform.tfstate");
}

fn cluster(name: &str) -> ResourceId {
    ResourceId::cluster(&scope(), name)
}

fn revision(name: &str) -> ResourceId {
    ResourceId::new(&scope(), Kind::TaskDefinition, &scope().ecs_arn(&format!("task-definition/{name}")))
}

const CODE: &str = r#"
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.40"
    }
  }
  backend "s3" {
    bucket = "states"
  }
}
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["123456789012"]
  default_tags {
    tags = { env = "prod", "a b" = "c" }
  }
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
variable "web_token" {}
locals {
  here = 1
}
output "o" { value = 1 }
module "m" { source = "./m" }
data "aws_region" "here" {}
resource "aws_ecs_cluster" "main" {
  name = "prod"
}
resource "aws_ecs_service" "many" {
  for_each = toset(["a"])
  name     = each.key
  cluster  = aws_ecs_cluster.main.arn
}
import {
  to = aws_ecs_service.web
  id = "prod/web"
}
import {
  to       = aws_ecs_task_definition.web
  identity = { family = "web", revision = 3 }
}
import {
  for_each = { a = "b" }
  to       = aws_ecs_service.many[each.key]
  id       = each.value
}
moved {
  from = aws_ecs_cluster.old
  to   = aws_ecs_cluster.main
}
removed {
  from = aws_ecs_cluster.gone
}
"#;

#[test]
fn code_becomes_facts() {
    let taken = read(&[("main.tf", CODE), ("README.md", "{ no code")]);
    for address in [
        "aws_ecs_cluster.main",
        "aws_ecs_service.many",
        "data.aws_region.here",
        "aws_ecs_cluster.old",
        "aws_ecs_cluster.gone",
    ] {
        assert!(taken.addresses.contains(address), "{address}");
    }
    assert_eq!(taken.variables, BTreeSet::from(["web_token".to_owned()]));
    assert_eq!(taken.modules, BTreeMap::from([("m".to_owned(), "main.tf".to_owned())]));
    assert_eq!(taken.constraint.as_deref(), Some("~> 6.40"));
    assert_eq!(taken.provider_source.as_deref(), Some("hashicorp/aws"));
    assert_eq!(taken.backend, Backend::Remote("backend \"s3\"".into()));
    let many = &taken.code["aws_ecs_service.many"];
    assert!(many.is_repeated);
    assert_eq!(taken.providers[""].region, Some(Some("eu-west-1".into())));
    assert_eq!(taken.providers["us"].region, Some(Some("us-east-1".into())));
    assert_eq!(taken.tags().defaults, BTreeMap::from([("env".into(), "prod".into()), ("a b".into(), "c".into())]));
    let keys: Vec<Option<&str>> =
        taken.imports.iter().map(|i| i.identity.as_ref().map(|identity| identity.key.as_str())).collect();
    assert_eq!(keys, [Some("prod/web"), Some("web:3"), None]);
}

#[test]
fn the_json_syntax_says_the_same() {
    let json = json!({
        "terraform": [{"required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 6.40"}},
            "backend": {"s3": {"bucket": "states"}}}],
        "provider": {"aws": [{"region": "eu-west-1", "allowed_account_ids": ["123456789012"],
            "default_tags": {"tags": {"env": "prod", "a b": "c"}}}, {"alias": "us", "region": "us-east-1"}]},
        "variable": {"web_token": {}}, "locals": {"here": 1}, "output": {"o": {"value": 1}},
        "module": {"m": {"source": "./m"}}, "data": {"aws_region": {"here": {}}},
        "resource": [{"aws_ecs_cluster": {"main": {"name": "prod"}}},
            {"aws_ecs_service": {"many": [{"for_each": "${toset([\"a\"])}", "name": "${each.key}",
                "cluster": "${aws_ecs_cluster.main.arn}"}]}}],
        "import": [{"to": "aws_ecs_service.web", "id": "prod/web"},
            {"to": "aws_ecs_task_definition.web", "identity": {"family": "web", "revision": 3}},
            {"for_each": {"a": "b"}, "to": "aws_ecs_service.many[each.key]", "id": "${each.value}"}],
        "moved": {"from": "aws_ecs_cluster.old", "to": "aws_ecs_cluster.main"},
        "removed": {"from": "aws_ecs_cluster.gone"},
    });
    let mut of_json = read(&[("main.tf.json", &json.to_string())]);
    let mut of_hcl = read(&[("main.tf", CODE)]);
    for taken in [&mut of_json, &mut of_hcl] {
        taken.files.clear();
        taken.code.values_mut().for_each(|code| code.file.clear());
        taken.imports.iter_mut().for_each(|import| import.file.clear());
        taken.modules.values_mut().for_each(String::clear);
    }
    assert_eq!(of_json, of_hcl);
}

#[test]
fn a_broken_file_is_named_with_its_line_and_nothing_of_its_text() {
    let broken = |name: &str, text: &str| {
        Taken::read(&BTreeMap::from([(name.to_owned(), text.to_owned())])).unwrap_err().to_string()
    };
    let said = broken("web.tf", "locals {\n  a = 1\n}\nlocals {\n  password = \"s3cr3t\" oops\n}\n");
    assert!(said.starts_with("web.tf, line 5: not HCL"), "{said}");
    assert!(!said.contains("s3cr3t"), "{said}");
    assert!(broken("web.tf.json", "{\n\"a\": }").starts_with("web.tf.json, line 2: not JSON"));
    assert!(broken("web.tf.json", "[1]").starts_with("web.tf.json, line 1: the JSON syntax"));
    assert!(broken(LOCK_FILE, "provider {{").starts_with(".terraform.lock.hcl, line 1"));
    assert!(broken("deep.tf", &format!("locals {{ a = {}", "[".repeat(100_000))).starts_with("deep.tf, line 1"));
    // What no engine reads may be broken.
    read(&[(".hidden.tf", "{"), ("old.tf~", "{"), ("terraform.tfvars", "{")]);
}

/// What the engines accept must not be refused here.
#[test]
fn the_whole_language_parses() {
    let text = "\u{feff}// a\r\n/* b\n */\nlocals {\n  a = provider::aws::arn_parse(var.x)\n  b = [for k, v in var.m : \"${k}=%{if v}y%{else}n%{endif}\" \
                if v != null]\n  c = { for x in var.l : x.id => x... }\n  d = var.l[*].id\n  e = var.l.0.id\n  f = max(1, \
                2,)\n  g = <<-EOT\n    a ${~ var.x ~} b\n    $${no} %%{no}\n  EOT\n  h = var.a ? {\n    (var.k) = 1, \"b\" : \
                2\n  } : {}\n  i = !var.a && -1 <= 1e3 % 2\n  j = merge(var.l...)\n  k = (\n    var.a\n    ? 1\n    : 2\n  )\n  \
                \u{e9}t\u{e9} = \"\\u00e9\\U0001F600\\t\"\n  l = var.a[\"x\"].b[0][var.c]\n  m = [\n    1, # one\n    2,\n  ]\n}\nempty {}\none { a = 1 }\n\
                check \"c\" {\n  assert {\n    condition     = true\n    error_message = \"no\"\n  }\n}\n";
    let crlf = "variable \"z\" {\r\n  default = 1\r\n}\r\n";
    let taken = read(&[("main.tf", &format!("{text}variable \"last\" {{}}\n")), ("crlf.tf", crlf), ("empty.tf", "")]);
    assert_eq!(taken.variables, BTreeSet::from(["last".to_owned(), "z".to_owned()]));
}

#[test]
fn an_override_file_wins() {
    let taken = read(&[
        (
            "a_override.tf",
            "provider \"aws\" {\n  region = \"eu-central-1\"\n}\nterraform {\n  backend \"local\" {}\n}\n",
        ),
        ("main.tf", CODE),
    ]);
    assert_eq!(taken.providers[""].region, Some(Some("eu-central-1".into())));
    assert!(taken.providers[""].allowed.is_some());
    assert_eq!(taken.backend, Backend::Local);
}

#[test]
fn what_the_state_has_is_found_by_identity() {
    let mut taken = read(&[("main.tf", CODE)]);
    hold(
        &mut taken,
        &json!([
            {"mode": "managed", "type": "aws_ecs_cluster", "name": "old", "instances": [{"attributes":
                {"id": cluster("prod").native, "arn": cluster("prod").native, "name": "prod"}}]},
            {"mode": "managed", "type": "aws_ecs_cluster", "name": "inner", "module": "module.m", "instances": [{"attributes":
                {"arn": cluster("hidden").native, "name": "hidden"}}]},
            {"mode": "managed", "type": "aws_ecs_cluster", "name": "lost", "instances": [{"attributes":
                {"arn": cluster("lost").native, "name": "lost"}}]},
            {"mode": "managed", "type": "aws_ecs_cluster", "name": "gone", "instances": [{"attributes":
                {"arn": cluster("gone").native, "name": "gone"}}]},
            {"mode": "managed", "type": "aws_ecs_cluster", "name": "elsewhere", "instances": [{"attributes":
                {"arn": "arn:aws:ecs:us-east-1:123456789012:cluster/far", "name": "far"}}]},
            {"mode": "managed", "type": "aws_ecs_service", "name": "many", "instances": [{"index_key": "a", "attributes":
                {"name": "a", "cluster": cluster("prod").native}}]},
            {"mode": "managed", "type": "aws_ecs_task_definition", "name": "pay", "instances": [{"attributes":
                {"arn": revision("pay:4").native, "family": "pay", "revision": 4}}]},
            {"mode": "managed", "type": "aws_appautoscaling_target", "name": "web", "instances": [{"attributes":
                {"resource_id": "service/prod/web", "scalable_dimension": "ecs:service:DesiredCount"}}]},
            {"mode": "managed", "type": "aws_appautoscaling_policy", "name": "web", "instances": [{"attributes":
                {"resource_id": "service/prod/web", "scalable_dimension": "ecs:service:DesiredCount", "name": "cpu"}}]},
        ]),
    );
    let of = |terraform_type: &str, id: &ResourceId, import_id: &str| {
        taken.owner(terraform_type, id, import_id).map(|owner| (owner.reason, owner.link))
    };
    let at = |name: &str| of("aws_ecs_cluster", &cluster(name), name);
    // Moved since.
    assert_eq!(
        at("prod"),
        Some(("already in the state as aws_ecs_cluster.main".into(), Some("aws_ecs_cluster.main".into())))
    );
    let hidden = at("hidden").unwrap();
    assert!(hidden.0.contains("module.m.aws_ecs_cluster.inner") && hidden.1.is_none(), "{hidden:?}");
    assert!(at("lost").unwrap().0.contains("a plan would destroy it"));
    assert!(at("gone").unwrap().0.contains("removed block"));
    assert_eq!(at("far"), None, "another region's");
    assert_eq!(at("new"), None);
    assert_eq!(of("aws_ecs_cluster_capacity_providers", &cluster("prod"), "prod"), None, "another type");

    let service = ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn("service/prod/a"));
    assert_eq!(of("aws_ecs_service", &service, "prod/a").unwrap().1, None, "one of several");
    let (reason, _) = of("aws_ecs_service", &service, "prod/web").unwrap();
    assert_eq!(reason, "an import block has it already, as aws_ecs_service.web (main.tf)");

    let (reason, _) = of("aws_ecs_task_definition", &revision("pay:4"), "x").unwrap();
    assert!(reason.starts_with("already in the state as aws_ecs_task_definition.pay"), "{reason}");
    let (reason, link) = of("aws_ecs_task_definition", &revision("pay:5"), "x").unwrap();
    assert!(reason.contains("aws_ecs_task_definition.pay already, which holds pay:4") && link.is_none(), "{reason}");
    let (reason, _) = of("aws_ecs_task_definition", &revision("web:4"), "x").unwrap();
    assert!(reason.contains("which holds web:3"), "{reason}");

    let native = "ecs/service/prod/web/ecs:service:DesiredCount";
    let target = ResourceId::new(&scope(), Kind::ScalableTarget, native);
    assert!(of("aws_appautoscaling_target", &target, native).is_some());
    let policy = |name: &str| ResourceId::new(&scope(), Kind::ScalingPolicy, &format!("{native}/{name}"));
    assert!(of("aws_appautoscaling_policy", &policy("cpu"), "x").is_some());
    assert!(of("aws_appautoscaling_policy", &policy("memory"), "x").is_none());
}

#[test]
fn import_ids_are_read_in_every_spelling() {
    let arn = |resource: &str| scope().ecs_arn(resource);
    for (terraform_type, id, key, region) in [
        ("aws_ecs_cluster", "prod".to_owned(), "prod", None),
        ("aws_ecs_cluster", "prod@eu-west-1".to_owned(), "prod", Some("eu-west-1")),
        ("aws_ecs_cluster", arn("cluster/prod"), "prod", Some("eu-west-1")),
        ("aws_ecs_capacity_provider", arn("capacity-provider/asg"), "asg", Some("eu-west-1")),
        ("aws_ecs_service", "prod/web@us-east-1".to_owned(), "prod/web", Some("us-east-1")),
        ("aws_ecs_task_definition", arn("task-definition/pay:4"), "pay:4", Some("eu-west-1")),
    ] {
        let identity = Identity::of_import_id(terraform_type, &id).unwrap();
        assert_eq!((identity.key.as_str(), identity.region.as_deref()), (key, region), "{id}");
    }
    assert_eq!(Identity::of_import_id("aws_iam_role", "x"), None);
}

#[test]
fn code_that_no_state_knows_is_kept_apart_or_said() {
    let mut taken = read(&[("main.tf", CODE)]);
    assert!(matches!(taken.state, StateSource::NotRead(_)));
    let owner = taken.owner("aws_ecs_cluster", &cluster("prod"), "prod").unwrap();
    assert!(owner.reason.contains("the state was not read") && owner.link.is_none(), "{owner:?}");
    hold(&mut taken, &json!([]));
    assert_eq!(taken.owner("aws_ecs_cluster", &cluster("prod"), "prod"), None);
    let said = taken.unowned("aws_ecs_cluster", &cluster("prod"), "prod").unwrap();
    assert!(said.starts_with("aws_ecs_cluster.main (main.tf) may be the same object"), "{said}");
    assert_eq!(taken.unowned("aws_ecs_cluster", &cluster("test"), "test"), None);
}

#[test]
fn a_provider_with_an_alias_is_elsewhere() {
    let mut taken = read(&[(
        "main.tf",
        "resource \"aws_ecs_cluster\" \"a\" {\n  provider = aws.us\n  name     = \"same\"\n}\n\
         resource \"aws_ecs_cluster\" \"b\" {\n  region = \"eu-north-1\"\n  name   = \"same\"\n}\n\
         import {\n  to = aws_ecs_cluster.a\n  id = \"same\"\n}\n\
         import {\n  provider = aws.us\n  to       = aws_ecs_service.x\n  id       = \"same/x\"\n}\n\
         provider \"aws\" {\n  alias  = \"us\"\n  region = \"us-east-1\"\n}\n",
    )]);
    let service = ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn("service/same/x"));
    assert_eq!(taken.owner("aws_ecs_cluster", &cluster("same"), "same"), None);
    assert_eq!(taken.owner("aws_ecs_service", &service, "same/x"), None);
    hold(&mut taken, &json!([]));
    assert_eq!(taken.unowned("aws_ecs_cluster", &cluster("same"), "same"), None);
}

#[test]
fn a_local_backend_is_a_file_where_its_path_is_known() {
    let backend =
        |inner: &str| read(&[("b.tf", &format!("terraform {{\n  backend \"local\" {{\n{inner}\n}}\n}}\n"))]).backend;
    assert_eq!(backend(""), Backend::Local);
    assert_eq!(backend("path = \"x.tfstate\""), Backend::Path("x.tfstate".into()));
    assert!(matches!(backend("path = \"${path.root}/x\""), Backend::Remote(_)));
    assert!(matches!(backend("workspace_dir = \"w\""), Backend::Remote(_)));
}

#[test]
fn a_provider_for_another_place_is_refused() {
    let provider = |text: &str| read(&[("p.tf", &format!("provider \"aws\" {{\n{text}\n}}\n"))]).remarks(&scope());
    assert!(provider("region = \"us-east-1\"").unwrap_err().message.contains("region us-east-1"));
    assert!(provider("allowed_account_ids = [\"1\"]").unwrap_err().message.contains("allows account 1 only"));
    assert!(provider("forbidden_account_ids = [\"123456789012\"]").unwrap_err().message.contains("forbids"));
    let said = provider("region = var.region").unwrap().join("\n");
    assert!(said.contains("region is computed") && said.contains("state was not read"), "{said}");
}

#[test]
fn names_of_new_files_are_free_and_stay_together() {
    let taken = |files: &[&str]| Taken { files: files.iter().map(|f| (*f).to_owned()).collect(), ..Taken::default() };
    let names = |taken: &Taken| ["imports.tf", "secrets.auto.tfvars", "REVIEW.md"].map(|name| taken.file_name(name));
    assert_eq!(
        names(&taken(&["services.tf"])),
        ["ecsight_imports.tf", "ecsight_secrets.auto.tfvars", "ecsight_REVIEW.md"]
    );
    let second = ["ecsight_imports_2.tf", "ecsight_secrets_2.auto.tfvars", "ecsight_REVIEW_2.md"];
    assert_eq!(names(&taken(&["ecsight_services.tf"])), second);
    assert_eq!(names(&taken(&["ECSIGHT_services.tofu"])), second);
    assert_eq!(taken(&["ecsight_a_7.tf"]).file_name("task_definitions.tf"), "ecsight_task_definitions_8.tf");
    // Numbers that no export has reached are left alone, and never given again.
    let huge = ["ecsight_x_4294967295.tf", "ecsight_x_18446744073709551615.tf", "ecsight_x_99999999999999999999999.tf"];
    assert_eq!(names(&taken(&huge)), second);
    let mut full = taken(&["ecsight_services_999999.tf", "ecsight_services_1000000.tf"]);
    for number in ["1000001", "1000002"] {
        let name = full.file_name("services.tf");
        assert_eq!(name, format!("ecsight_services_{number}.tf"));
        full.files.insert(name);
    }
}

/// Names that have to be evaluated, while nothing says what they are.
const COMPUTED: &str = r#"
resource "aws_ecs_service" "many" {
  for_each = toset(["web"])
  name     = each.key
  cluster  = "prod"
}
resource "aws_ecs_task_definition" "any" {
  family = var.family
}
resource "aws_appautoscaling_target" "any" {
  resource_id = "service/prod/${aws_ecs_service.many["web"].name}"
}
resource "aws_ecs_service" "lone" {
  name = var.lone
}
module "app" { source = "./app" }
"#;

#[test]
fn a_computed_name_may_be_anything_until_a_state_is_read() {
    let mut taken = read(&[("main.tf", COMPUTED), ("b.tf", "terraform {\n  backend \"s3\" {}\n}\n")]);
    let service = |name: &str| ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn(&format!("service/{name}")));
    let native = "ecs/service/prod/web/ecs:service:DesiredCount";
    let target = ResourceId::new(&scope(), Kind::ScalableTarget, native);
    for source in [StateSource::Absent, StateSource::NotRead("why".into())] {
        taken.state = source;
        let may_be = |terraform_type: &str, id: &ResourceId, import_id: &str| -> Vec<String> {
            assert_eq!(taken.owner(terraform_type, id, import_id), None, "it is imported");
            taken.may_be(terraform_type, id, import_id).into_iter().map(|(address, _)| address.to_owned()).collect()
        };
        assert_eq!(may_be("aws_ecs_service", &service("prod/web"), "prod/web"), ["aws_ecs_service.many"]);
        assert_eq!(may_be("aws_ecs_service", &service("test/web"), "test/web"), [""; 0], "another cluster's");
        assert_eq!(may_be("aws_ecs_service", &service("default/web"), "default/web"), ["aws_ecs_service.lone"]);
        assert_eq!(may_be("aws_ecs_task_definition", &revision("pay:4"), "x"), ["aws_ecs_task_definition.any"]);
        assert_eq!(may_be("aws_appautoscaling_target", &target, native), ["aws_appautoscaling_target.any"]);
        assert_eq!(may_be("aws_ecs_cluster", &cluster("prod"), "prod"), [""; 0]);
        let said = taken.remarks(&scope()).unwrap().join("\n");
        assert!(said.contains("they were not looked into: module.app (main.tf)"), "{said}");
    }
    hold(&mut taken, &json!([]));
    assert!(taken.may_be("aws_ecs_service", &service("prod/web"), "prod/web").is_empty(), "the state decides");
    assert!(!taken.remarks(&scope()).unwrap().join("\n").contains("module.app"));
}

#[test]
fn a_region_from_a_variable_is_said() {
    let provider =
        "provider \"aws\" {\n  region = var.region\n}\nvariable \"region\" {\n  default = \"us-east-1\"\n}\n";
    let said = |files: &[(&str, &str)]| {
        let files: Vec<(&str, &str)> = files.iter().copied().chain([("main.tf", provider)]).collect();
        read(&files).remarks(&scope()).unwrap().join("\n")
    };
    assert!(said(&[]).contains("var.region, us-east-1 as the folder says it, and the export is of eu-west-1"));
    let here = ("terraform.tfvars", "region = \"eu-west-1\"\n");
    let agrees = "the provider's region is var.region, eu-west-1 as the folder says it\n";
    assert!(said(&[here]).contains(agrees), "{}", said(&[here]));
    let later = ("a.auto.tfvars.json", r#"{"region": "eu-west-3"}"#);
    assert!(said(&[here, later]).contains("eu-west-3 as the folder says it, and"));
    // Broken, computed or another module's business: nothing is known.
    let computed = ("z.auto.tfvars", "region = \"${1}\"\n");
    assert!(said(&[here, computed]).contains("the provider's region is computed"));
    assert!(said(&[here, ("z.auto.tfvars", "{"), ("prod.tfvars", "region = \"x\"\n")]).contains(agrees));
    let taken = read(&[
        ("v.tf", "variable \"a\" {\n  sensitive = true\n}\n"),
        ("x.auto.tfvars", "a = \"s3cr3t\"\nb = \"c\"\n"),
    ]);
    assert!(taken.values.is_empty(), "{:?}", taken.values);
}
