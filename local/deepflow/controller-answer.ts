/** What the controller answers. */
export interface Answer {
  status: number;
  contentType: string;
  body: string;
  /** Where to ask instead. */
  location?: string;
}

/** A request as the routes see it. */
export interface ControllerRequest {
  /** The variable parts of the path. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  body: string;
}

/** The statuses that occur here, with their HTTP statuses (server/controller/http/common/const.go). */
const httpStatus = {
  SUCCESS: 200,
  FAIL: 500,
  INVALID_PARAMETERS: 400,
  INVALID_POST_DATA: 400,
  RESOURCE_ALREADY_EXIST: 400,
  RESOURCE_NOT_FOUND: 400,
};

export type OptStatus = keyof typeof httpStatus;

export function success(data: unknown): Answer {
  return answer("SUCCESS", "", data);
}

/** A failure that carries what the service had at hand, which for texts is an empty one. */
export function failure(description: string, data: unknown = "", status: OptStatus = "FAIL"): Answer {
  return answer(status, description, data);
}

/** gin's answer where no route fits. */
export const notFound: Answer = { status: 404, contentType: "text/plain", body: "404 page not found" };

/** gin's answer where a route has a slash at its end more, or less, than the path. */
export function redirect(method: string, location: string): Answer {
  const contentType = "text/html; charset=utf-8";
  // Go writes a body for GET alone.
  if (method !== "GET") return { status: 307, contentType, body: "", location };
  return { status: 301, contentType, body: `<a href="${location}">Moved Permanently</a>.\n\n`, location };
}

/** gin's answer when a handler panics. */
export const panicked: Answer = { status: 500, contentType: "text/plain", body: "" };

function answer(status: OptStatus, description: string, data: unknown): Answer {
  const body = goJson({ OPT_STATUS: status, DESCRIPTION: description, DATA: data });
  return { status: httpStatus[status], contentType: "application/json; charset=utf-8", body };
}

/** Go's encoding/json also escapes what HTML gives a meaning to. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
