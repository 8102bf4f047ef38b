import { create } from "@bufbuild/protobuf";
import {
  type FractionalPercent,
  FractionalPercent_DenominatorType,
  FractionalPercentSchema,
} from "@rxds/envoy-api/envoy/type/v3/percent";

/** A share in percent, exact to a ten thousandth of one. Default: all. */
export function fraction(percent = 100): FractionalPercent {
  return create(FractionalPercentSchema, {
    numerator: Math.round(percent * 10_000),
    denominator: FractionalPercent_DenominatorType.MILLION,
  });
}
