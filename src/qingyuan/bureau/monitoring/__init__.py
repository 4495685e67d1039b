"""监测数据: readings of points: arrival, availability, charts, issued values, imports and exports."""
