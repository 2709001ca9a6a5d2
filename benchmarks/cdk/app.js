// The platform's main parts as an app of the AWS CDK: what `cdk synth` is measured with.
const cdk = require("aws-cdk-lib");
const ec2 = require("aws-cdk-lib/aws-ec2");
const eks = require("aws-cdk-lib/aws-eks");
const rds = require("aws-cdk-lib/aws-rds");
const elasticache = require("aws-cdk-lib/aws-elasticache");
const s3 = require("aws-cdk-lib/aws-s3");
const { KubectlV35Layer } = require("@aws-cdk/lambda-layer-kubectl-v35");

const MANIFESTS = 150;

const env = { account: "111111111111", region: "us-east-1" };
// Otherwise a look-up in an account would have to answer this.
const zones = { [`availability-zones:account=${env.account}:region=${env.region}`]: ["a", "b", "c"].map((zone) => env.region + zone) };

const app = new cdk.App({ context: zones });
const stack = new cdk.Stack(app, "intendly", { env });

const vpc = new ec2.Vpc(stack, "vpc", {
  ipAddresses: ec2.IpAddresses.cidr("10.20.0.0/16"),
  maxAzs: 3,
  natGateways: 3,
});

const cluster = new eks.Cluster(stack, "cluster", {
  vpc,
  version: eks.KubernetesVersion.V1_35,
  kubectlLayer: new KubectlV35Layer(stack, "kubectl"),
  defaultCapacity: 0,
});
cluster.addNodegroupCapacity("general", {
  instanceTypes: [new ec2.InstanceType("m6i.xlarge")],
  minSize: 5,
  maxSize: 20,
  desiredSize: 8,
});

new rds.DatabaseInstance(stack, "database", {
  vpc,
  engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.of("18.6", "18") }),
  instanceType: new ec2.InstanceType("r6g.large"),
  multiAz: true,
  storageEncrypted: true,
  deletionProtection: true,
});

const subnets = new elasticache.CfnSubnetGroup(stack, "cache-subnets", {
  description: "cache",
  subnetIds: vpc.privateSubnets.map((subnet) => subnet.subnetId),
});
new elasticache.CfnReplicationGroup(stack, "cache", {
  replicationGroupDescription: "cache",
  engine: "valkey",
  cacheNodeType: "cache.r7g.large",
  numCacheClusters: 2,
  automaticFailoverEnabled: true,
  transitEncryptionEnabled: true,
  cacheSubnetGroupName: subnets.ref,
});

new s3.Bucket(stack, "backups", { versioned: true, encryption: s3.BucketEncryption.KMS });

for (let number = 1; number <= MANIFESTS; number++) {
  const labels = { app: `application-${number}` };
  cluster.addManifest(`manifest-${number}`, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `application-${number}`, namespace: "default" },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "main", image: "registry.example/backend:1", ports: [{ containerPort: 3001 }] }] },
      },
    },
  });
}
