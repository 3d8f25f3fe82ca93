# The agent's image with the agent built in, for those who do not want it in a ConfigMap. Build the
# agent first:  npm run build && docker build -t regent-agent .
# The chart uses it with agent.image.* and agent.image.builtIn=true.
ARG NODE=docker.io/library/node:24.21.0-slim
FROM ${NODE}
COPY --chmod=755 chart/files/regent chart/files/regent.cjs.br chart/files/probe.cjs /opt/regent/
ENV PATH=/opt/regent:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER 1000:1000
ENTRYPOINT ["node", "--jitless", "--optimize-for-size", "--max-semi-space-size=1", "/opt/regent/regent"]
