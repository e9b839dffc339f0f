# A worker image for Dataflow whose Java SDK runs ONNX Runtime on a GPU. Build
# docker/onnxruntime-gpu.Dockerfile before:
#   docker build -f docker/dataflow-gpu.Dockerfile -t REGION-docker.pkg.dev/PROJECT/REPOSITORY/sheaf-gpu:2.70.0 .
FROM sheaf/onnxruntime-gpu:1.29.0 AS natives

FROM apache/beam_java17_sdk:2.70.0
# libgomp1: XGBoost and LightGBM, where the same job trains.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl libgomp1 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=natives /opt/cuda/lib/ /opt/cuda/lib/
COPY --from=natives /opt/onnxruntime/ /opt/onnxruntime/
# Dataflow puts the driver that it installs into /usr/local/nvidia. The job's jars come with the
# job; the jar for CPUs is enough, as its libraries are not unpacked where this folder is named.
ENV LD_LIBRARY_PATH=/usr/local/nvidia/lib64:/opt/cuda/lib \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    JAVA_TOOL_OPTIONS=-Donnxruntime.native.path=/opt/onnxruntime
# The warehouse's key, as in dataflow-worker.Dockerfile.
COPY docker/with-secrets.sh /opt/sheaf/with-secrets
ARG SECRETS=
ENV SHEAF_SECRETS=${SECRETS}
# Dataflow adds arguments of its own and runs it as root; the base image's entry point is boot.
ENTRYPOINT ["/opt/sheaf/with-secrets", "/opt/apache/beam/boot"]
