// What our charts use of ECharts (js/chart.js, js/aligned.js); anything else is left out of the build.
import { init, use } from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import {
  AxisPointerComponent, DataZoomComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TitleComponent,
  TooltipComponent,
} from "echarts/components";
import { LegacyGridContainLabel } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";

use([
  AxisPointerComponent, BarChart, CanvasRenderer, DataZoomComponent, GridComponent, LegacyGridContainLabel, LineChart,
  MarkAreaComponent, MarkLineComponent, TitleComponent, TooltipComponent,
]);
export { init };
