package dev.sheaf.models.train;

/**
 * The model that serves a key is there, but can never be read: no new one can be compared with it.
 */
public final class DamagedChampionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DamagedChampionException(Throwable cause) {
    super(TrainingException.messageOf(cause), cause);
  }
}
