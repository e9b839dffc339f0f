package dev.sheaf.sandbox.process;

/** How long a server lives if nobody stops it. */
public enum Lifetime {
  /** It is killed when the JVM that started it ends. */
  OF_THIS_JVM,
  /** It stays until somebody stops it, from whatever process, also when the terminal closes. */
  UNTIL_STOPPED
}
