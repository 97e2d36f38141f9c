import java.net.HttpURLConnection;
import java.net.URI;

/**
 * Makes the one request for which the Java agent sends a span, to a URL that it is given. Whoever answers
 * there reads the trace ID in the request's header `traceparent`.
 */
class Main {
  public static void main(String[] args) throws Exception {
    var connection = (HttpURLConnection) URI.create(args[0]).toURL().openConnection();
    connection.getResponseCode();
    connection.disconnect();
  }
}
