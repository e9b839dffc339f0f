package dev.sheaf.models.train;

import dev.sheaf.models.table.RowBlock;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;

/**
 * The training of keys, one after the other, by a {@link KeyTrainer}.
 *
 * <p>Each key is trained on a thread of its own kind that is left behind if it outlasts the time
 * limit and does not heed its interruption; the next key gets a new one. Confined to one thread;
 * close it when there are no more keys.
 */
public final class KeyTrainings implements AutoCloseable {
  private final KeyTrainer options;
  private final KeyHistory history;
  private final LimitedCalls calls;

  KeyTrainings(KeyTrainer options, KeyHistory history) {
    this.options = options;
    this.history = history;
    this.calls = new LimitedCalls("sheaf-training", options.timeLimit());
  }

  /**
   * As {@link KeyTrainer#train}.
   *
   * @throws CancellationException if this thread is interrupted, as where a pipeline is cancelled:
   *     the key then has no outcome, so that none takes the place of an earlier one
   */
  public KeyOutcome train(String key, Iterable<RowBlock> blocks) {
    return train(key, blocks, 0);
  }

  /**
   * As {@link KeyTrainer#train}, for rows of which only so many are left as the row limit says.
   *
   * @param seen how many rows there were
   */
  public KeyOutcome train(String key, Iterable<RowBlock> blocks, long seen) {
    KeyTraining training = new KeyTraining(options, key, history);
    return training.gather(blocks, seen) ? limited(training, training::ofRows) : training.outcome();
  }

  /**
   * Trains one key from sums over its rows.
   *
   * @throws IllegalStateException if the trainer needs the rows: see {@link KeyTrainer#takesSums}
   */
  public KeyOutcome train(String key, KeySums sums) {
    if (!options.takesSums()) {
      throw new IllegalStateException(
          "cannot train " + options.trainer().name() + " from sums: it needs the rows");
    }
    KeyTraining training = new KeyTraining(options, key, history);
    return limited(training, () -> training.ofSums(sums));
  }

  private KeyOutcome limited(KeyTraining training, Callable<KeyOutcome> work) {
    LimitedCalls.Result<KeyOutcome> result = calls.call(work);
    if (result instanceof LimitedCalls.Done<KeyOutcome> done) {
      return done.value();
    } else if (result instanceof LimitedCalls.Failed<KeyOutcome> failed) {
      return training.failed(failed.cause());
    }
    return training.timedOut((LimitedCalls.TimedOut<KeyOutcome>) result);
  }

  @Override
  public void close() {
    calls.close();
  }
}
