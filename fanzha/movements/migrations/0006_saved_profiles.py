from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('movements', '0005_decisions'),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=30)),
                ('version', models.IntegerField()),
                ('data', models.JSONField()),
                ('officer_id', models.BigIntegerField()),
                ('saved_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('name', 'version'), name='profile_version_once')],
            },
        ),
    ]
