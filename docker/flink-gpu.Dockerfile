# A Flink 1.19 image whose task managers run ONNX Runtime on a GPU. Build docker/onnxruntime-gpu.Dockerfile
# and the project (mvn -pl models -am -DskipTests package dependency:copy-dependencies) before:
#   docker build -f docker/flink-gpu.Dockerfile -t sheaf/flink-gpu:1.19 .
FROM sheaf/onnxruntime-gpu:1.29.0 AS natives

FROM flink:1.19.3-scala_2.12-java17
# libgomp1: XGBoost and LightGBM, where the same cluster trains.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=natives /opt/cuda/lib/ /opt/cuda/lib/
COPY --from=natives /opt/onnxruntime/ /opt/onnxruntime/
# ONNX Runtime's classes belong to Flink's own class loader: a library of the system can be loaded
# by one class loader of a process, and each job has another.
COPY models/target/dependency/onnxruntime-1.29.0.jar /opt/flink/lib/
RUN printf '%s\n' \
      'external-resources: gpu' \
      'external-resource.gpu.driver-factory.class: org.apache.flink.externalresource.gpu.GPUDriverFactory' \
      'external-resource.gpu.amount: 1' \
      'external-resource.gpu.kubernetes.config-key: nvidia.com/gpu' \
      'external-resource.gpu.param.discovery-script.path: plugins/external-resource-gpu/nvidia-gpu-discovery.sh' \
      'classloader.parent-first-patterns.additional: ai.onnxruntime.' \
      'env.java.opts.taskmanager: -Donnxruntime.native.path=/opt/onnxruntime' \
      >> /opt/flink/conf/config.yaml
ENV LD_LIBRARY_PATH=/opt/cuda/lib:/usr/local/nvidia/lib64 \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
# The base image's entry point starts as root and drops to the user flink.
