# A worker image for Dataflow: Beam's own with what XGBoost and LightGBM need.
#   docker build -f docker/dataflow-worker.Dockerfile -t REGION-docker.pkg.dev/PROJECT/REPOSITORY/sheaf:2.70.0 .
FROM apache/beam_java17_sdk:2.70.0
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
# Dataflow starts the base image's entry point, /opt/apache/beam/boot, as root.
