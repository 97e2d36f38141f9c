import { contract } from "./contract.ts";
import { lanes } from "./lanes.ts";

contract(lanes.oldHttp);
