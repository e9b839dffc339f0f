package dev.sheaf.transforms.kafka;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.sheaf.transforms.failure.BadRowException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/** Rows as JSON objects, by Jackson's parser and generator. */
final class JsonCodec implements RecordCodec {
  private static final JsonFactory JSON = new JsonFactory();

  private final RowForm form;

  JsonCodec(Schema schema) {
    this.form = new RowForm(RowForm.OUTERMOST, schema);
  }

  @Override
  public Row decode(byte[] value) throws BadRowException {
    try (JsonParser in = JSON.createParser(value)) {
      if (in.nextToken() == null) {
        throw new BadRowException("the value is empty");
      }
      Row row = form.fromJson(in);
      if (in.nextToken() != null) {
        throw new BadRowException("the value goes on behind its JSON object");
      }
      return row;
    } catch (JsonProcessingException e) {
      throw new BadRowException("the value is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new BadRowException("the value is not JSON: " + e.getMessage(), e);
    } catch (BadRowException e) {
      boolean named = e.reason().startsWith("field ") || e.reason().startsWith("the value ");
      throw named ? e : new BadRowException("the value " + e.reason(), e);
    }
  }

  @Override
  public byte[] encode(Row row) throws BadRowException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      form.toJson(row, out);
    } catch (IOException e) {
      throw new BadRowException("the row cannot be JSON: " + e.getMessage(), e);
    }
    return bytes.toByteArray();
  }
}
