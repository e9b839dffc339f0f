package dev.sheaf.models.onnx;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The options of a provider on a GPU that ONNX Runtime 1.29 knows, as its libraries for Linux name
 * them, and what their values look like.
 *
 * <p>ONNX Runtime itself refuses a wrong option only on a machine with a GPU, when a session is
 * opened; here it fails when the pipeline is built. Options that hold addresses of a native program
 * are refused, since a wrong one ends the process.
 */
final class GpuOptions {
  private static final long LEAST_BYTES = 1 << 20;
  private static final Kind FLAG = Kind.of("0|1|true|false|True|False", "0 and 1");
  private static final Kind COUNT = Kind.of("\\d{1,18}", "whole numbers from 0");
  private static final Kind TEXT = Kind.of(".+", "any text that is not empty");

  static final GpuOptions CUDA =
      new GpuOptions("CUDA")
          .with(COUNT, "gpu_mem_limit", "tunable_op_max_tuning_duration_ms", "sdpa_kernel")
          .with(Kind.oneOf("kNextPowerOfTwo", "kSameAsRequested"), "arena_extend_strategy")
          .with(Kind.oneOf("EXHAUSTIVE", "HEURISTIC", "DEFAULT"), "cudnn_conv_algo_search")
          .with(FLAG, "do_copy_in_default_stream", "cudnn_conv_use_max_workspace")
          .with(FLAG, "cudnn_conv1d_pad_to_nc1d", "enable_skip_layer_norm_strict_mode")
          .with(FLAG, "tunable_op_enable", "tunable_op_tuning_enable", "prefer_nhwc")
          .with(FLAG, "use_ep_level_unified_stream", "use_tf32", "fuse_conv_bias")
          .without("user_compute_stream", "has_user_compute_stream", "gpu_external_alloc")
          .without("gpu_external_free", "gpu_external_empty_cache", "enable_cuda_graph");

  static final GpuOptions TENSOR_RT =
      new GpuOptions("TensorRT")
          .with(COUNT, "trt_max_partition_iterations", "trt_min_subgraph_size")
          .with(COUNT, "trt_max_workspace_size", "trt_builder_optimization_level")
          .with(COUNT, "trt_dla_core", "trt_ep_context_embed_mode")
          .with(Kind.of("-1|\\d{1,9}", "whole numbers from -1"), "trt_auxiliary_streams")
          .with(FLAG, "trt_fp16_enable", "trt_bf16_enable", "trt_int8_enable", "trt_dla_enable")
          .with(FLAG, "trt_int8_use_native_calibration_table", "trt_dump_subgraphs")
          .with(FLAG, "trt_engine_cache_enable", "trt_engine_hw_compatible")
          .with(FLAG, "trt_weight_stripped_engine_enable", "trt_force_sequential_engine_build")
          .with(FLAG, "trt_context_memory_sharing_enable", "trt_layer_norm_fp32_fallback")
          .with(FLAG, "trt_timing_cache_enable", "trt_force_timing_cache", "trt_sparsity_enable")
          .with(FLAG, "trt_detailed_build_log", "trt_build_heuristics_enable")
          .with(FLAG, "trt_dump_ep_context_model", "trt_engine_decryption_enable")
          .with(TEXT, "trt_engine_cache_path", "trt_engine_cache_prefix", "trt_timing_cache_path")
          .with(TEXT, "trt_int8_calibration_table_name", "trt_engine_decryption_lib_path")
          .with(TEXT, "trt_extra_plugin_lib_paths", "trt_tactic_sources", "trt_preview_features")
          .with(TEXT, "trt_profile_min_shapes", "trt_profile_max_shapes")
          .with(TEXT, "trt_profile_opt_shapes", "trt_op_types_to_exclude")
          .with(TEXT, "trt_ep_context_file_path", "trt_onnx_model_folder_path")
          .without("user_compute_stream", "has_user_compute_stream", "trt_cuda_graph_enable")
          .without("trt_onnx_bytestream", "trt_onnx_bytestream_size")
          .without("trt_external_data_bytestream", "trt_external_data_bytestream_size")
          .without("trt_load_user_initializer");

  private final String provider;
  private final Map<String, Kind> kinds = new TreeMap<>();
  private final Set<String> addresses = new HashSet<>();

  /** What a value must look like. */
  private record Kind(Pattern pattern, String valid) {
    static Kind of(String pattern, String valid) {
      return new Kind(Pattern.compile(pattern), valid);
    }

    static Kind oneOf(String... values) {
      return of(String.join("|", values), String.join(", ", values));
    }
  }

  private GpuOptions(String provider) {
    this.provider = provider;
  }

  private GpuOptions with(Kind kind, String... names) {
    for (String name : names) {
      kinds.put(name, kind);
    }
    return this;
  }

  private GpuOptions without(String... names) {
    addresses.addAll(Set.of(names));
    return this;
  }

  /** Checks an option; returns its name. */
  String check(String name, String value) {
    if (name.equals("device_id")) {
      throw new IllegalArgumentException(
          "cannot set the option device_id of " + provider + ": say onDevice(" + value + ")");
    }
    if (addresses.contains(name)) {
      throw new IllegalArgumentException(
          "cannot set the option "
              + name
              + " of "
              + provider
              + ": it is for addresses in the memory of a native program");
    }
    Kind kind = kinds.get(name);
    if (kind == null) {
      throw new IllegalArgumentException(
          "cannot set the option '"
              + name
              + "' of "
              + provider
              + ": ONNX Runtime 1.29 has none of that name; valid are "
              + kinds.keySet());
    }
    if (!kind.pattern().matcher(value).matches()) {
      throw new IllegalArgumentException(
          "cannot set the option "
              + name
              + " of "
              + provider
              + " to '"
              + value
              + "'; valid are "
              + kind.valid());
    }
    return name;
  }

  /** A number of bytes as an option's value. */
  static String bytes(long bytes) {
    if (bytes < LEAST_BYTES) {
      throw new IllegalArgumentException(
          "cannot limit a GPU's memory to " + bytes + " bytes; at least 1048576 are needed");
    }
    return Long.toString(bytes);
  }
}
