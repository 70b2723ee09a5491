//! One element of `container_definitions`: keys inside a JSON argument, under the API's own names.

use crate::terraform::Dialect::V6;
use crate::terraform::form::Form::{Flag, Int, Ints, OneOf, TextMap, Texts};
use crate::terraform::mapping::Literal::{self, Bool, Text};
use crate::terraform::mapping::Same::{EmptyList, HostPort, Since5, Unset, Value, Zero};
use crate::terraform::mapping::{Row, key, keys, keys_each, not_representable};

const NAME_VALUE_FROM: &[Row] = &[key("name"), key("valueFrom")];

/// A key that 3.39 does not know (`since`) is ignored there, and dropped from its state (rule 3): it is written all the same,
/// so that a newer provider finds it.
///
/// What `--concise` may drop is what the provider's `reduce()` makes equal, and nothing else.
pub const CONTAINER: &[Row] = &[
    key("name"),
    key("image"),
    keys("repositoryCredentials", &[key("credentialsParameter")]),
    key("cpu").form(Int).same_as_absent(Zero),
    key("memory").form(Int),
    key("memoryReservation").form(Int),
    key("links").form(Texts).same_as_absent(EmptyList),
    keys_each(
        "portMappings",
        &[
            key("containerPort").form(Int),
            key("hostPort").form(Int).same_as_absent(HostPort),
            key("protocol").same_as_absent(Value(Text("tcp"))),
            key("name").since(V6),
            key("appProtocol").same_as_absent(Unset).since(V6),
            key("containerPortRange").since(V6),
        ],
    )
    .same_as_absent(EmptyList),
    key("essential").form(Flag).same_as_absent(Value(Bool(true))),
    keys(
        "restartPolicy",
        &[key("enabled").form(Flag), key("ignoredExitCodes").form(Ints), key("restartAttemptPeriod").form(Int)],
    )
    .since(V6),
    key("entryPoint").form(Texts).same_as_absent(EmptyList),
    key("command").form(Texts).same_as_absent(EmptyList),
    keys_each("environment", &[key("name"), key("value")]).same_as_absent(EmptyList),
    keys_each("environmentFiles", &[key("value"), key("type").same_as_absent(Unset)]).same_as_absent(EmptyList),
    keys_each("mountPoints", &[key("sourceVolume"), key("containerPath"), key("readOnly").form(Flag)])
        .same_as_absent(EmptyList),
    keys_each("volumesFrom", &[key("sourceContainer"), key("readOnly").form(Flag)]).same_as_absent(EmptyList),
    keys(
        "linuxParameters",
        &[
            keys("capabilities", &[key("add").form(Texts), key("drop").form(Texts)]),
            keys_each("devices", &[key("hostPath"), key("containerPath"), key("permissions").form(Texts)]),
            key("initProcessEnabled").form(Flag),
            key("sharedMemorySize").form(Int),
            keys_each(
                "tmpfs",
                &[key("containerPath"), key("size").form(Int).same_as_absent(Unset), key("mountOptions").form(Texts)],
            ),
            key("maxSwap").form(Int),
            key("swappiness").form(Int),
        ],
    ),
    keys_each("secrets", NAME_VALUE_FROM).same_as_absent(EmptyList),
    keys_each("dependsOn", &[key("containerName"), key("condition").same_as_absent(Unset)]).same_as_absent(EmptyList),
    key("startTimeout").form(Int),
    key("stopTimeout").form(Int),
    key("versionConsistency").form(OneOf(&["enabled", "disabled"])).same_as_absent(Unset).since(V6),
    key("hostname"),
    key("user"),
    key("workingDirectory"),
    key("disableNetworking").form(Flag),
    key("privileged").form(Flag),
    key("readonlyRootFilesystem").form(Flag),
    key("dnsServers").form(Texts).same_as_absent(EmptyList),
    key("dnsSearchDomains").form(Texts).same_as_absent(EmptyList),
    keys_each("extraHosts", &[key("hostname"), key("ipAddress")]).same_as_absent(EmptyList),
    key("dockerSecurityOptions").form(Texts).same_as_absent(EmptyList),
    key("interactive").form(Flag),
    key("pseudoTerminal").form(Flag),
    key("dockerLabels").form(TextMap),
    keys_each(
        "ulimits",
        &[
            key("name"),
            key("softLimit").form(Int).same_as_absent(Unset),
            key("hardLimit").form(Int).same_as_absent(Unset),
        ],
    )
    .same_as_absent(EmptyList),
    keys(
        "logConfiguration",
        &[
            key("logDriver").same_as_absent(Unset),
            key("options").form(TextMap),
            keys_each("secretOptions", NAME_VALUE_FROM),
        ],
    ),
    keys(
        "healthCheck",
        &[
            key("command").form(Texts),
            key("interval").form(Int).same_as_absent(Since5(Literal::Int(30))),
            key("timeout").form(Int).same_as_absent(Since5(Literal::Int(5))),
            key("retries").form(Int).same_as_absent(Since5(Literal::Int(3))),
            key("startPeriod").form(Int),
        ],
    ),
    keys_each("systemControls", &[key("namespace"), key("value")]).same_as_absent(EmptyList),
    keys_each(
        "resourceRequirements",
        &[
            key("value"),
            key("type").same_as_absent(Unset),
            not_representable("sharingStrategy", "the provider refuses it in the text, or never sends it"),
        ],
    )
    .same_as_absent(EmptyList),
    keys("firelensConfiguration", &[key("type").same_as_absent(Unset), key("options").form(TextMap)]),
    key("credentialSpecs").form(Texts).same_as_absent(EmptyList).since(V6),
];
