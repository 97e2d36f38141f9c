import type { Acceptance } from "./acceptance.ts";

const collector = "opentelemetry-collector";
const demo = "demo";

/**
 * What kube-score finds and the project keeps, each with its reason. A row covers one check on one kind of
 * object of one component. The tests fail on a row that matches nothing in any sample stack.
 */
export const accepted: readonly Acceptance[] = [
  {
    rule: "kube-score/container-image-pull-policy",
    kinds: ["DaemonSet", "Deployment"],
    component: collector,
    reason:
      "The tag names a version, which is never pushed twice. A node that cannot reach the registry must still be able to start its Collector.",
  },
  {
    rule: "kube-score/container-memory-requests-equal-limits",
    kinds: ["DaemonSet", "Deployment"],
    component: collector,
    reason:
      "The limit has room for the queue while DeepFlow is away; to reserve that on every node all the time costs more than it is worth. Both are settings (otelAgent.resources).",
  },
  {
    rule: "kube-score/pod-probes-identical",
    kinds: ["DaemonSet", "Deployment"],
    component: collector,
    reason:
      "The Collector has one health endpoint. A startup probe comes before both, and liveness restarts only after 30 seconds without an answer.",
  },
  {
    rule: "kube-score/deployment-has-host-podantiaffinity",
    kinds: ["Deployment"],
    component: collector,
    reason:
      "topologySpreadConstraints spread gateways over nodes and zones; kube-score looks for podAntiAffinity only.",
  },
  {
    rule: "kube-score/service-type",
    kinds: ["Service"],
    component: collector,
    reason:
      "The default is ClusterIP; a stack that wants senders from outside asks for it by otelAgent.serviceType.",
  },
  {
    rule: "kube-score/service-targets-pod",
    kinds: ["Service"],
    component: "deepflow-agent",
    reason: "It selects the deepflow-agents, which DeepFlow's Helm chart deploys and no stack renders.",
  },
  {
    rule: "kube-score/container-image-pull-policy",
    kinds: ["Deployment", "StatefulSet"],
    component: demo,
    reason: "The tags name versions. Where a stack asks for the tag latest, the policy is Always.",
  },
  {
    rule: "kube-score/container-security-context-readonlyrootfilesystem",
    kinds: ["Deployment", "StatefulSet"],
    component: demo,
    reason:
      "The documents' images are what they are: where they write is not known. Those of which it is known have a read-only root (`user` in the demo's table).",
  },
  {
    rule: "kube-score/container-security-context-user-group-id",
    kinds: ["Deployment", "StatefulSet"],
    component: demo,
    reason:
      "The documents' images may need their own user, which is not known of most; Redis (999) and Locust (1000) have one below 10000. Pod Security `baseline`, no privilege escalation and no capabilities beyond a row's bound them.",
  },
  {
    rule: "kube-score/pod-probes-identical",
    kinds: ["Deployment", "StatefulSet"],
    component: demo,
    reason:
      "A port that takes connections is all that these images can prove: their health endpoints say yes whatever happens, and each request to one would be a trace.",
  },
  {
    rule: "kube-score/deployment-replicas",
    kinds: ["Deployment"],
    component: demo,
    reason:
      "A demo is to be looked at; svc-stock and others keep their state in memory, so two would disagree.",
  },
  {
    rule: "kube-score/deployment-has-poddisruptionbudget",
    kinds: ["Deployment"],
    component: demo,
    reason: "Only a load generator can have several pods; a drain may stop its requests for a moment.",
  },
  {
    rule: "kube-score/deployment-has-host-podantiaffinity",
    kinds: ["Deployment"],
    component: demo,
    reason:
      "topologySpreadConstraints spread a demo's pods over nodes; kube-score looks for podAntiAffinity only.",
  },
  {
    rule: "kube-score/service-type",
    kinds: ["Service"],
    component: demo,
    reason: "The default is ClusterIP; a stack that opens its front end asks for it by frontEndType.",
  },
];
