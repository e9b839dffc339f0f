# A worker image for Dataflow: Beam's own with what XGBoost and LightGBM need, and with the
# warehouse's key fetched from Secret Manager when a worker starts.
#   docker build -f docker/dataflow-worker.Dockerfile \
#       --build-arg SECRETS=/run/sheaf/key.pem=projects/PROJECT/secrets/sheaf-key/versions/latest \
#       -t REGION-docker.pkg.dev/PROJECT/REPOSITORY/sheaf:2.70.0 .
FROM apache/beam_java17_sdk:2.70.0
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl libgomp1 \
    && rm -rf /var/lib/apt/lists/*
COPY docker/with-secrets.sh /opt/sheaf/with-secrets
ARG SECRETS=
ENV SHEAF_SECRETS=${SECRETS}
# Dataflow adds arguments of its own; the base image's entry point is boot.
ENTRYPOINT ["/opt/sheaf/with-secrets", "/opt/apache/beam/boot"]
