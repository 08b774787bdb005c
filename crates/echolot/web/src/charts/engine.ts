// The parts of ECharts that the page uses; loaded with the first chart.
import { LineChart, TreemapChart } from 'echarts/charts';
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([LineChart, TreemapChart, GridComponent, TooltipComponent, AriaComponent, CanvasRenderer]);

/** A chart on an element. */
export function start(element: HTMLElement): EChartsType {
  return init(element, undefined, { renderer: 'canvas' });
}
