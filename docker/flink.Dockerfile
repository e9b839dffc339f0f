# A Flink 1.19 image with Sheaf's pipelines, for docker/flink-job.yaml. Build the project before
# (mvn -pl runners/flink -am -DskipTests package):
#   docker build -f docker/flink.Dockerfile -t REGISTRY/sheaf-flink:1.19 .
FROM flink:1.19.3-scala_2.12-java17
# libgomp1: XGBoost and LightGBM.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
# Checkpoints in a bucket.
RUN mkdir -p /opt/flink/plugins/s3 && cp /opt/flink/opt/flink-s3-fs-presto-*.jar /opt/flink/plugins/s3/
COPY runners/flink/target/sheaf-runner-flink-*-bundled.jar /opt/flink/usrlib/sheaf.jar
