import { chartFolder, type Cluster } from '../experiment/cluster.ts';

/** The image that the chart runs the agent in, before there is a release. */
export function agentImage(cluster: Cluster): Promise<string> {
  return imageOf(cluster, 'agent');
}

/** The image that the chart runs Redis in. */
export function redisImage(cluster: Cluster): Promise<string> {
  return imageOf(cluster, 'redis');
}

async function imageOf(cluster: Cluster, container: string): Promise<string> {
  const template = ['template', 'it', chartFolder, '--show-only=templates/node/statefulset.yaml'];
  const text = await cluster.helm(template);
  // A sidecar has its restart policy in front of the image.
  const found = new RegExp(`- name: ${container}\n(?: +restartPolicy: .*\n)? +image: "(.*)"`);
  const image = found.exec(text)?.[1];
  if (image === undefined) throw new Error(`the chart names no image of ${container}`);
  return image;
}
