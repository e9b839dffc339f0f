package dev.sheaf.transforms.snowflake;

import java.io.PrintWriter;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A connection as SnowflakeIO takes it: opened, and its secrets looked up, on the worker. */
record ConnectionSource(SnowflakeConnection connection) implements DataSource, Serializable {
  @Override
  public Connection getConnection() {
    return connection.open();
  }

  @Override
  public Connection getConnection(String user, String password) {
    return connection.withUser(user).withPassword(Secret.of(password)).open();
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter writer) throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("the driver logs by java.util.logging");
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("set by SnowflakeConnection.withLoginTimeout");
  }

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("the driver has its own loggers");
  }

  @Override
  public <T> T unwrap(Class<T> type) {
    return type.cast(this);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}
