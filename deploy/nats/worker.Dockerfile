# A worker for GPUs. In a checkout, on Linux x86-64:
#   npm run build && npm run pack -- --out deploy/nats/worker.tar.gz
#   docker build -f deploy/nats/worker.Dockerfile -t ppo-webgpu-worker deploy/nats
# The archive brings Node and dawn.node; the GPU's Vulkan driver comes from the host, by NVIDIA's container toolkit.
FROM debian:trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libegl1 libvulkan1 \
    && rm -rf /var/lib/apt/lists/*
ADD worker.tar.gz /opt/
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt NVIDIA_DRIVER_CAPABILITIES=compute,graphics,utility
# By number: Kubernetes cannot tell whether a name is root.
USER 65534
ENTRYPOINT ["/opt/ppo-webgpu/bin/node", "/opt/ppo-webgpu/dist/cli.js"]
