# Sheaf's command line on a GPU, for a job of Snowpark Container Services (docker/snowpark-job.yaml)
# or any machine with an NVIDIA container runtime. Build docker/onnxruntime-gpu.Dockerfile and the
# project (mvn -pl runners/direct -am -DskipTests package dependency:copy-dependencies
# -DincludeScope=runtime) before:
#   docker build --platform linux/amd64 -f docker/snowpark-gpu.Dockerfile -t sheaf/snowpark-gpu:0.1.0 .
FROM sheaf/onnxruntime-gpu:1.29.0 AS natives

FROM eclipse-temurin:17.0.13_11-jre-jammy
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home sheaf
COPY --from=natives /opt/cuda/lib/ /opt/cuda/lib/
COPY --from=natives /opt/onnxruntime/ /opt/onnxruntime/
COPY runners/direct/target/dependency/ /opt/sheaf/lib/
COPY runners/direct/target/sheaf-runner-direct-0.1.0-SNAPSHOT.jar /opt/sheaf/lib/
ENV LD_LIBRARY_PATH=/opt/cuda/lib:/usr/local/nvidia/lib64 \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    JAVA_TOOL_OPTIONS="-Donnxruntime.native.path=/opt/onnxruntime -XX:MaxRAMPercentage=60"
USER sheaf
ENTRYPOINT ["java", "-XX:+UseParallelGC", "-cp", "/opt/sheaf/lib/*", "dev.sheaf.runner.direct.Main"]
