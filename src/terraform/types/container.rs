//! One element of `container_definitions`: keys inside a JSON argument, under the API's own names.

use crate::terraform::mapping::Literal::{Bool, Int, Text};
use crate::terraform::mapping::Same::{EmptyList, HostPort, Since5, Value, Zero};
use crate::terraform::mapping::{Row, key, keys, not_representable};

const NAME_VALUE_FROM: &[Row] = &[key("name"), key("valueFrom")];

/// What `--concise` may drop is what the provider's `reduce()` makes equal, and nothing else.
pub const CONTAINER: &[Row] = &[
    key("name"),
    key("image"),
    keys("repositoryCredentials", &[key("credentialsParameter")]),
    key("cpu").same_as_absent(Zero),
    key("memory"),
    key("memoryReservation"),
    key("links").same_as_absent(EmptyList),
    keys(
        "portMappings",
        &[
            key("containerPort"),
            key("hostPort").same_as_absent(HostPort),
            key("protocol").same_as_absent(Value(Text("tcp"))),
            key("name"),
            key("appProtocol"),
            key("containerPortRange"),
        ],
    )
    .same_as_absent(EmptyList),
    key("essential").same_as_absent(Value(Bool(true))),
    keys("restartPolicy", &[key("enabled"), key("ignoredExitCodes"), key("restartAttemptPeriod")]),
    key("entryPoint").same_as_absent(EmptyList),
    key("command").same_as_absent(EmptyList),
    keys("environment", &[key("name"), key("value")]).same_as_absent(EmptyList),
    keys("environmentFiles", &[key("value"), key("type")]).same_as_absent(EmptyList),
    keys("mountPoints", &[key("sourceVolume"), key("containerPath"), key("readOnly")]).same_as_absent(EmptyList),
    keys("volumesFrom", &[key("sourceContainer"), key("readOnly")]).same_as_absent(EmptyList),
    keys(
        "linuxParameters",
        &[
            keys("capabilities", &[key("add"), key("drop")]),
            keys("devices", &[key("hostPath"), key("containerPath"), key("permissions")]),
            key("initProcessEnabled"),
            key("sharedMemorySize"),
            keys("tmpfs", &[key("containerPath"), key("size"), key("mountOptions")]),
            key("maxSwap"),
            key("swappiness"),
        ],
    ),
    keys("secrets", NAME_VALUE_FROM).same_as_absent(EmptyList),
    keys("dependsOn", &[key("containerName"), key("condition")]).same_as_absent(EmptyList),
    key("startTimeout"),
    key("stopTimeout"),
    key("versionConsistency"),
    key("hostname"),
    key("user"),
    key("workingDirectory"),
    key("disableNetworking"),
    key("privileged"),
    key("readonlyRootFilesystem"),
    key("dnsServers").same_as_absent(EmptyList),
    key("dnsSearchDomains").same_as_absent(EmptyList),
    keys("extraHosts", &[key("hostname"), key("ipAddress")]).same_as_absent(EmptyList),
    key("dockerSecurityOptions").same_as_absent(EmptyList),
    key("interactive"),
    key("pseudoTerminal"),
    key("dockerLabels"),
    keys("ulimits", &[key("name"), key("softLimit"), key("hardLimit")]).same_as_absent(EmptyList),
    keys("logConfiguration", &[key("logDriver"), key("options"), keys("secretOptions", NAME_VALUE_FROM)]),
    keys(
        "healthCheck",
        &[
            key("command"),
            key("interval").same_as_absent(Since5(Int(30))),
            key("timeout").same_as_absent(Since5(Int(5))),
            key("retries").same_as_absent(Since5(Int(3))),
            key("startPeriod"),
        ],
    ),
    keys("systemControls", &[key("namespace"), key("value")]).same_as_absent(EmptyList),
    keys(
        "resourceRequirements",
        &[
            key("value"),
            key("type"),
            not_representable("sharingStrategy", "the provider refuses it in the text, or never sends it"),
        ],
    )
    .same_as_absent(EmptyList),
    keys("firelensConfiguration", &[key("type"), key("options")]),
    key("credentialSpecs").same_as_absent(EmptyList),
];
