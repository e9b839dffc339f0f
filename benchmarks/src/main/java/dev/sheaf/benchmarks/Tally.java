package dev.sheaf.benchmarks;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.beam.sdk.metrics.BoundedTrie;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Distribution;
import org.apache.beam.sdk.metrics.Gauge;
import org.apache.beam.sdk.metrics.MetricName;
import org.apache.beam.sdk.metrics.MetricsContainer;
import org.apache.beam.sdk.metrics.StringSet;

/** Keeps the metrics of DoFns that no runner runs: a map to a number, as a runner has it. */
final class Tally implements MetricsContainer {
  private static final long serialVersionUID = 1L;

  private final Map<MetricName, Count> numbers = new ConcurrentHashMap<>();

  /** One number; of a distribution its sum, of a gauge the last value. */
  private record Count(MetricName name, AtomicLong value) implements Counter, Distribution, Gauge {
    @Override
    public MetricName getName() {
      return name;
    }

    @Override
    public void inc() {
      value.incrementAndGet();
    }

    @Override
    public void inc(long n) {
      value.addAndGet(n);
    }

    @Override
    public void dec() {
      value.decrementAndGet();
    }

    @Override
    public void dec(long n) {
      value.addAndGet(-n);
    }

    @Override
    public void update(long sample) {
      value.addAndGet(sample);
    }

    @Override
    public void update(long sum, long count, long min, long max) {
      value.addAndGet(sum);
    }

    @Override
    public void set(long latest) {
      value.set(latest);
    }
  }

  /** What was counted, by the metrics' names. */
  SortedMap<String, Long> values() {
    SortedMap<String, Long> values = new TreeMap<>();
    numbers.forEach((name, number) -> values.merge(name.getName(), number.value.get(), Long::sum));
    return values;
  }

  private Count number(MetricName name) {
    return numbers.computeIfAbsent(name, absent -> new Count(absent, new AtomicLong()));
  }

  @Override
  public Counter getCounter(MetricName name) {
    return number(name);
  }

  @Override
  public Distribution getDistribution(MetricName name) {
    return number(name);
  }

  @Override
  public Gauge getGauge(MetricName name) {
    return number(name);
  }

  @Override
  public StringSet getStringSet(MetricName name) {
    throw new UnsupportedOperationException("nothing here counts texts: " + name);
  }

  @Override
  public BoundedTrie getBoundedTrie(MetricName name) {
    throw new UnsupportedOperationException("nothing here counts texts: " + name);
  }
}
