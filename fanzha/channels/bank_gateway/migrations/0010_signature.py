from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bank_gateway', '0006_drained'),
    ]

    operations = [
        migrations.AddField(
            model_name='frontend',
            name='their_key',
            field=models.CharField(blank=True, db_default='', max_length=60),
        ),
    ]
